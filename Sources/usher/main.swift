// main: hands the real world to the program and exits with its code.

import UsherCommands

Program.main()
