// swift-tools-version: 6.2
// The layers of usher, lowest first; Tests/TidyTests holds every import to this table.

import PackageDescription

#if arch(x86_64)
  // Lets Digests, and whoever the optimizer gives parts of it, name the instructions that processors have for
  // SHA-256; whether this one has them is found out when usher runs.
  let instructions: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-Xarch_x86_64", "-Xcc", "-msha"], .when(platforms: [.linux]))
  ]
#else
  let instructions: [SwiftSetting] = []
#endif

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  // Modules exchange whole values, but the optimizer may still look through their borders.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// A library target of usher, its imports and its mirror under Tests.
struct Layer {
  let name: String
  let imports: [String]
}

let layers: [Layer] = [
  // 0: no knowledge of usher
  Layer(name: "ByteOutput", imports: []),
  Layer(name: "Digests", imports: []),
  Layer(name: "Parallelism", imports: []),
  Layer(name: "SourceText", imports: []),
  Layer(name: "SystemCalls", imports: ["Parallelism"]),
  // 1: the two languages, text and organizations
  Layer(name: "YAMLSyntax", imports: ["Parallelism", "SourceText"]),
  Layer(name: "OrgModel", imports: ["Digests", "Parallelism"]),
  // 2: forms of an organization outside memory
  Layer(
    name: "Records",
    imports: ["ByteOutput", "Digests", "OrgModel", "Parallelism", "SourceText", "YAMLSyntax"]),
  Layer(
    name: "OrgFiles",
    imports: ["ByteOutput", "Digests", "OrgModel", "Parallelism", "SourceText", "YAMLSyntax"]),
  Layer(name: "CommitStore", imports: ["Digests", "SystemCalls"]),
  Layer(name: "KeyDelivery", imports: ["ByteOutput", "Digests", "OrgModel", "SystemCalls"]),
  // 3: what should change, and what was used
  Layer(
    name: "Planning",
    imports: [
      "ByteOutput", "Digests", "OrgFiles", "OrgModel", "Parallelism", "Records", "SourceText",
      "YAMLSyntax",
    ]),
  Layer(
    name: "Metering",
    imports: ["ByteOutput", "CommitStore", "Digests", "OrgModel", "Parallelism", "SystemCalls"]),
  // 4: making it so, and telling
  Layer(
    name: "Reconciling",
    imports: [
      "CommitStore", "Digests", "KeyDelivery", "OrgModel", "Parallelism", "Planning", "Records",
      "SourceText", "SystemCalls",
    ]),
  Layer(
    name: "Reporting",
    imports: [
      "ByteOutput", "Digests", "Metering", "OrgFiles", "OrgModel", "Parallelism", "Planning",
      "Records", "SourceText",
    ]),
  // 5: the command line
  Layer(
    name: "UsherCommands",
    imports: [
      "ByteOutput", "CommitStore", "Digests", "KeyDelivery", "Metering", "OrgFiles", "OrgModel",
      "Parallelism", "Planning", "Reconciling", "Records", "Reporting", "SourceText", "SystemCalls",
      "YAMLSyntax",
    ]),
]

/// Test targets by what they mirror, with what else they import.
let mirrors: [(name: String, imports: [String])] = [
  ("ByteOutput", []), ("Digests", []), ("Parallelism", []), ("SourceText", []), ("SystemCalls", []),
  ("YAMLSyntax", ["ByteOutput", "SourceText"]), ("OrgModel", ["Digests"]),
  ("Records", ["ByteOutput", "Digests", "OrgModel"]),
  ("OrgFiles", ["Digests", "OrgModel", "SourceText", "YAMLSyntax"]),
  ("CommitStore", ["DiskSimulation", "SystemCalls"]),
  ("KeyDelivery", ["Digests", "DiskSimulation", "SystemCalls"]),
  ("Planning", ["Digests", "OrgFiles", "OrgModel", "Records", "SourceText"]),
  (
    "Reconciling",
    [
      "CommitStore", "Digests", "DiskSimulation", "KeyDelivery", "OrgFiles", "OrgModel",
      "Planning", "Records", "SourceText", "SystemCalls",
    ]
  ),
  (
    "Metering",
    ["CommitStore", "Digests", "DiskSimulation", "OrgModel", "Parallelism", "SystemCalls"]
  ),
  (
    "Reporting",
    ["ByteOutput", "Digests", "Metering", "OrgFiles", "OrgModel", "Records", "SourceText"]
  ),
  // The shells that the completions are tested in run usher itself.
  (
    "UsherCommands",
    [
      "ByteOutput", "Digests", "OrgModel", "Records", "SourceText", "SystemCalls", "YAMLSyntax",
      "usher",
    ]
  ),
]

let package = Package(
  name: "usher",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "usher", targets: ["usher"])],
  targets: layers.map { layer -> Target in
    .target(
      name: layer.name, dependencies: layer.imports.map { .init(stringLiteral: $0) },
      swiftSettings: settings + instructions)
  } + [
    .executableTarget(name: "usher", dependencies: ["UsherCommands"], swiftSettings: settings),
    .executableTarget(
      name: "UsherBench",
      dependencies: [
        "ByteOutput", "CommitStore", "Digests", "KeyDelivery", "OrgFiles", "OrgModel", "Planning",
        "Reconciling", "Records", "Reporting", "SourceText", "SystemCalls", "UsherCommands",
        "YAMLSyntax",
        // What it measures is the process that a user starts.
        "usher",
      ], swiftSettings: settings),
  ]
    + [
      // The disk that crash tests run on.
      .target(
        name: "DiskSimulation", dependencies: ["SystemCalls"], path: "Tests/DiskSimulation",
        swiftSettings: settings)
    ]
    + mirrors.map { mirror in
      .testTarget(
        name: "\(mirror.name)Tests",
        dependencies: ([mirror.name] + mirror.imports).map { .init(stringLiteral: $0) },
        exclude: ["UsherCommands", "OrgFiles"].contains(mirror.name) ? ["Golden"] : [],
        swiftSettings: settings)
    } + [
      .testTarget(
        name: "UsherBenchTests",
        dependencies: [
          "OrgFiles", "OrgModel", "SourceText", "SystemCalls", "UsherBench", "UsherCommands",
        ],
        swiftSettings: settings),
      .testTarget(name: "TidyTests", swiftSettings: settings),
    ],
  swiftLanguageModes: [.v6]
)

// libFuzzer brings its own main and instruments all code: only `.ci/fuzz` builds this.
if Context.environment["USHER_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "UsherFuzz",
      dependencies: [
        "CommitStore", "Digests", "Metering", "OrgFiles", "OrgModel", "Records", "SourceText",
        "YAMLSyntax",
      ],
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}
