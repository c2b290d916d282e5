// Platform: everything that differs between Linux and macOS, and nothing else does.

#if canImport(Glibc)
  @preconcurrency internal import Glibc
#elseif canImport(Musl)
  @preconcurrency internal import Musl
#else
  @preconcurrency internal import Darwin
#endif

enum Platform {
  /// Asks the disk itself to keep what was written to a descriptor.
  static func flush(_ descriptor: Int32) -> Int32 {
    #if os(Linux)
      return fsync(descriptor)
    #else
      // On macOS fsync leaves data in the drive's cache.
      return fcntl(descriptor, F_FULLFSYNC) == 0 ? 0 : fsync(descriptor)
    #endif
  }

  /// The environment without what is for this process alone: a secret that opens the store, and is
  /// none of the business of a program that is started.
  private static func handedDownEnvironment() -> [UnsafeMutablePointer<CChar>?] {
    // Some systems have no list at all where others have an empty one.
    let first: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
    guard var next = first else { return [nil] }
    var variables: [UnsafeMutablePointer<CChar>?] = []
    while let variable = next.pointee {
      if strncmp(variable, withheld, strlen(withheld)) != 0 { variables.append(variable) }
      next += 1
    }
    variables.append(nil)
    return variables
  }

  /// How a variable begins that no child gets.
  private static let withheld = "USHER_TOKEN="

  /// Starts a program with signals as if nobody had touched them, and without `USHER_TOKEN`.
  /// - Parameters:
  ///   - words: The path, or a name that is looked up in PATH, and the arguments.
  ///   - input: What becomes its standard input.
  ///   - output: What becomes its standard output.
  ///   - isSilent: Whether what it writes to standard error is dropped.
  ///   - group: The process group that it joins; 0 for one of its own.
  /// - Returns: The process.
  /// - Throws: `SystemError`.
  static func spawn(
    _ words: [String], reading input: Int32, writing output: Int32, isSilent: Bool = false,
    group: Int32
  ) throws(SystemError) -> Int32 {
    #if os(Linux)
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #else
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    if isSilent { posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, group)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var arguments = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var variables = handedDownEnvironment()
    var child: Int32 = 0
    let failure = posix_spawnp(&child, words[0], &actions, &attributes, &arguments, &variables)
    guard failure == 0 else { throw SystemError("start", words[0], failure) }
    return child
  }

  /// The number of terminal columns of a descriptor, or nil.
  static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Locks a whole file without waiting; 0, or the error number.
  static func lock(_ descriptor: Int32) -> Int32 {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }

  /// Takes away the right to write core files, for this process and those it starts.
  static func forbidCoreFiles() {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    #if canImport(Glibc)
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    #else
      setrlimit(RLIMIT_CORE, &limit)
    #endif
  }

  /// Sets memory to zero, whatever the optimizer thinks of it.
  static func overwrite(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    #if canImport(Darwin)
      memset_s(start, memory.count, 0, memory.count)
    #else
      explicit_bzero(start, memory.count)
    #endif
  }

  /// Whether a signal was ignored when this was called.
  static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #elseif canImport(Musl)
      let handler = action.__sa_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// link(2), write(2) and close(2) by names that `FileSystem` does not use itself.
  static func addName(_ path: String, _ name: String) -> Int32 { link(path, name) }

  /// See `addName`.
  static func put(_ descriptor: Int32, _ from: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, from, count)
  }

  /// See `addName`.
  @discardableResult
  static func end(_ descriptor: Int32) -> Int32 { close(descriptor) }

  /// Sets what a signal does.
  static func handle(_ signal: Int32, with handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = handler
    #elseif canImport(Musl)
      action.__sa_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    sigemptyset(&action.sa_mask)
    // No SA_RESTART: a blocked read returns, so that a question can be abandoned.
    action.sa_flags = 0
    sigaction(signal, &action, nil)
  }
}
