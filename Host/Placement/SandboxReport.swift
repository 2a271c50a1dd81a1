import Glibc
package import Kernel

/// How far a plugin is kept from everything else. Each level includes those before it.
package enum IsolationLevel: Int, Sendable, CaseIterable, Comparable {
    /// The plugin may do what its process may do.
    case none
    /// System calls by allow-list, limits, no privileges: no sockets, no processes, no writing. It may read files.
    case basic
    /// Also no files but the libraries it needs, by Landlock.
    case standard
    /// Also its own root, network, processes and users.
    case strict

    package var name: String { String(describing: self) }

    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What a worker found when it confined itself and then attacked its own cage, before any code of a plugin ran.
/// The level is derived here: a worker says what happened, never what it is worth.
package struct SandboxReport: Hashable, Sendable {
    package enum Layer: String, Sendable, CaseIterable {
        case descriptors, limits, identity
        case noNewPrivileges = "no_new_privileges"
        case userNamespace = "user_namespace"
        case mountNamespace = "mount_namespace"
        case networkNamespace = "network_namespace"
        case ipcNamespace = "ipc_namespace"
        case nameNamespace = "name_namespace"
        case cgroupNamespace = "cgroup_namespace"
        case processNamespace = "process_namespace"
        case ownRoot = "own_root"
        case threadsLimit = "threads_limit"
        case noCapabilities = "no_capabilities"
        case diesWithHost = "dies_with_host"
        case notDumpable = "not_dumpable"
        case noCodeFromData = "no_code_from_data"
        case landlock
        case systemCalls = "system_calls"
    }

    package enum State: Hashable, Sendable {
        case ok
        /// The user stays the host's, because the host itself has no privileges to give up.
        case kept
        /// Not tried, because it rests on a layer that failed.
        case skipped
        case failed(errno: Int32)
    }

    package enum Attack: String, Sendable, CaseIterable {
        case socketTCP = "socket_tcp"
        case socketMPTCP = "socket_mptcp"
        case socketUDP = "socket_udp"
        case socketRaw = "socket_raw"
        case socketUnix = "socket_unix"
        case socketNetlink = "socket_netlink"
        case socketVsock = "socket_vsock"
        case socketAlg = "socket_alg"
        case readFile = "read_file"
        case listRoot = "list_root"
        case readHost = "read_host"
        case writeFile = "write_file"
        case changeMode = "change_mode"
        case startProcess = "start_process"
        case execute
        case signalOthers = "signal_others"
        case trace
        case otherMemory = "other_memory"
        case ioUring = "io_uring"
        case keys, bpf, faults, counters, namespaces, mounts
        case writableCode = "writable_code"
        case memoryFile = "memory_file"
    }

    package let layers: [Layer: State]
    package let succeeded: Set<Attack>
    package let landlockABI: Int

    /// Strict: each name once, none missing, none unknown.
    package init(parsing text: String) throws(ProtocolViolation) {
        var words: [String: String] = [:]
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, words.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw ProtocolViolation("the sandbox report has the word \"\(word.prefix(64))\"")
            }
        }
        func take(_ name: String) throws(ProtocolViolation) -> String {
            guard let value = words.removeValue(forKey: name) else {
                throw ProtocolViolation("the sandbox report lacks \(name)")
            }
            return value
        }
        var layers: [Layer: State] = [:]
        for layer in Layer.allCases { layers[layer] = try Self.state(try take(layer.rawValue), of: layer) }
        var succeeded: Set<Attack> = []
        for attack in Attack.allCases {
            switch try take("attack.\(attack.rawValue)") {
            case "refused": break
            case "succeeded": succeeded.insert(attack)
            default: throw ProtocolViolation("the sandbox report has an unknown result of \(attack.rawValue)")
            }
        }
        guard let abi = Int(try take("landlock_abi")), (0...1000).contains(abi), words.isEmpty else {
            throw ProtocolViolation("the sandbox report has \(words.keys.sorted().first ?? "no number of Landlock")")
        }
        (self.layers, self.succeeded, landlockABI) = (layers, succeeded, abi)
    }

    private static func state(_ text: String, of layer: Layer) throws(ProtocolViolation) -> State {
        if text == "ok" { return .ok }
        if text == "kept", layer == .identity { return .kept }
        if text == "skipped", layer == .ownRoot { return .skipped }
        if text.hasPrefix("errno"), let number = Int32(text.dropFirst(5)), number > 0 { return .failed(errno: number) }
        throw ProtocolViolation("the sandbox report has an unknown state of \(layer.rawValue)")
    }

    // MARK: What it is worth

    private static let basicLayers: [Layer] = [
        .descriptors, .limits, .threadsLimit, .noNewPrivileges, .noCapabilities, .diesWithHost, .notDumpable,
        .systemCalls,
    ]
    private static let strictLayers: [Layer] = [
        .userNamespace, .mountNamespace, .networkNamespace, .ipcNamespace, .nameNamespace, .processNamespace,
        .ownRoot,
    ]
    /// What only Landlock or an own root refuses.
    private static let fileAttacks: Set<Attack> = [.readFile, .listRoot]
    private static let strictLandlockABI = 4

    package var level: IsolationLevel {
        let hasIdentity = layers[.identity] == .ok || layers[.identity] == .kept
        guard hasIdentity, has(Self.basicLayers), succeeded.isSubset(of: Self.fileAttacks) else { return .none }
        guard layers[.landlock] == .ok, landlockABI >= 1, succeeded.isEmpty else { return .basic }
        guard has(Self.strictLayers), landlockABI >= Self.strictLandlockABI else { return .standard }
        return .strict
    }

    private func has(_ wanted: [Layer]) -> Bool { wanted.allSatisfy { layers[$0] == .ok } }

    /// What the kernel did not give, in words; empty when nothing lacks.
    package var missing: [String] {
        var texts: [String] = []
        for layer in Layer.allCases {
            switch layers[layer] {
            case .failed(let number): texts.append("\(layer.rawValue) (\(SystemError.text(number)))")
            case .skipped: texts.append("\(layer.rawValue) (not tried)")
            case .ok, .kept, nil: break
            }
        }
        if layers[.landlock] == .ok, landlockABI < Self.strictLandlockABI {
            texts.append("landlock_abi (\(landlockABI), of \(Self.strictLandlockABI) needed for strict)")
        }
        for attack in Attack.allCases where succeeded.contains(attack) {
            texts.append("attack \(attack.rawValue) (succeeded)")
        }
        return texts
    }
}

/// One start of a worker process for a plugin.
package struct WorkerStart: Sendable {
    package var plugin: String
    package var version: String
    package var generation: Int
    package var digest: Digest
    package var processID: Int32
    package var isolation: SandboxReport
}
