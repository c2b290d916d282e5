// main: prints the measurements: swift run -c release UsherBench [MEMBERS]

import UsherCommands

let world = World.real()
let members = world.arguments.first.flatMap { Int($0) } ?? 100_000
_ = world.write(Array(bench(members: members).utf8))
