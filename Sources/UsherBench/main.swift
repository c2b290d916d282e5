// main: measures in the real world: swift run -c release UsherBench [OPTION…] [NAME…]

import SystemCalls
import UsherCommands

Signals.install()
Host.exit(
  Bench.run(
    .real(), usher: FileSystem.parent(of: CommandLine.arguments[0]) + "/usher",
    scratch: Host.environment("TMPDIR") ?? "/tmp"))
