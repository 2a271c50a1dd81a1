import CLane
import CProbe
import Glibc
package import Kernel
package import Placement

/// The plugin under check, and what a first look found out: how far it comes decides which rules can be tried.
struct Subject: Sendable {
    static let maximumFileBytes: UInt64 = 256 << 20
    /// Tasks that rules are tried on, in the manifest's order.
    static let maximumTasks = 8

    let path: String
    let file: SealedFile
    let image: ELFImage
    let digest: Digest
    let place: ProbePlace
    /// What `setup` gets.
    let configuration: [UInt8]
    private(set) var entry: EntryFacts?
    private(set) var manifest: Manifest?
    private(set) var tasks: [SampleTask] = []
    private(set) var reached = Rule.Need.bytes
    /// Why it came no further.
    private(set) var obstacle = ""

    /// What the descriptor says.
    struct EntryFacts: Sendable {
        var structBytes: UInt64
        var abiMajor, abiMinor, minimumHostMinor, reserved: UInt64
        var hasCreate: Bool
        var id, version, toolchain, manifest: [UInt8]

        init(_ frame: Frame) {
            structBytes = frame.number(PROBE_TAG_SIZE)
            abiMajor = frame.number(PROBE_TAG_MAJOR)
            abiMinor = frame.number(PROBE_TAG_MINOR)
            minimumHostMinor = frame.number(PROBE_TAG_MIN_MINOR)
            reserved = frame.number(PROBE_TAG_RESERVED)
            hasCreate = frame.number(PROBE_TAG_CREATE) == 1
            id = frame.data(PROBE_TAG_ID)
            version = frame.data(PROBE_TAG_RELEASE)
            toolchain = frame.data(PROBE_TAG_TOOLCHAIN)
            manifest = frame.data(PROBE_TAG_DATA)
        }
    }

    /// A task with an input that its schema accepts, and how it went the first time.
    struct SampleTask: Sendable {
        var name: String
        var inputSchema: JSONValue
        var outputSchema: JSONValue
        var input: [UInt8]
        var call: Conversation.Call
        /// Whether the plugin asked its host for anything.
        var hasEffects: Bool { !call.effects.isEmpty }
        var isDone: Bool { call.outcome?.status == 0 }
    }

    static func open(
        _ path: String, place: ProbePlace, configuration: [UInt8]
    ) throws(CheckError) -> Subject {
        let descriptor = lane_seal_file(path, maximumFileBytes)
        guard descriptor >= 0 else {
            let reason =
                descriptor == -EINVAL
                ? "not a regular file"
                : descriptor == -EFBIG ? "larger than 256 MiB" : String(cString: strerror(-descriptor))
            throw CheckError(.unreadable, "\(path): \(reason)")
        }
        var status = stat()
        fstat(descriptor, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        // A sealed file in memory has no short reads but at its end.
        let count = bytes.isEmpty ? 0 : pread(descriptor, &bytes, bytes.count, 0)
        guard count == bytes.count else { throw CheckError(.unreadable, "\(path): cannot be read") }
        return Subject(
            path: path, file: SealedFile(descriptor: descriptor), image: ELFImage(bytes),
            digest: Digest.sha256(bytes), place: place, configuration: configuration)
    }

    // MARK: Conversations

    /// A process that has loaded the file and not yet asked it anything.
    func loaded(_ trial: Trial, flags: Probe.Flags = []) throws -> Probe {
        let probe = try Probe(place, deadline: trial.deadline)
        _ = try probe.load(file, flags: flags)
        return probe
    }

    /// A host of the given kind that has accepted the plugin's descriptor.
    func opened(_ trial: Trial, flags: Probe.Flags = []) throws -> Conversation {
        let probe = try loaded(trial, flags: flags)
        try probe.send(FrameWriter(kind: PROBE_OPEN))
        _ = try probe.accepted(LANE_READY, "the descriptor")
        return Conversation(probe, configuration: configuration)
    }

    /// Calls the entry function as a host with this version would.
    static func ask(_ probe: Probe, major: UInt64 = 1, minor: UInt64 = 0, structBytes: UInt64 = 40) throws -> Frame {
        var question = FrameWriter(kind: PROBE_ASK)
        question.number(PROBE_TAG_MAJOR, major)
        question.number(PROBE_TAG_MINOR, minor)
        question.number(PROBE_TAG_SIZE, structBytes)
        try probe.send(question)
        return try probe.accepted(PROBE_ENTRY, "the entry function")
    }

    // MARK: The first look

    /// Goes as far as the plugin lets it. Never fails: what went wrong is the obstacle, and the rule whose matter it is
    /// finds it again.
    mutating func look(_ trial: Trial) {
        do {
            _ = try ELFFile(checking: image.bytes)
        } catch {
            obstacle = "the host would not load the file: \(error.message)"
            return
        }
        reached = .file
        do {
            try lookAtEntry(trial)
            drawInputs(trial)
            try lookAtTasks(trial)
        } catch {
            obstacle = Self.words(error)
        }
    }

    private mutating func lookAtEntry(_ trial: Trial) throws {
        let probe = try loaded(trial)
        let answer = try Self.ask(probe)
        guard answer.number(PROBE_TAG_VALUE) != 0 else {
            throw ProbeFailure.refused("the entry function returned null")
        }
        entry = EntryFacts(answer)
        reached = .entry
        do {
            manifest = try Manifest(json: try JSONParser.parse(answer.data(PROBE_TAG_DATA)))
        } catch {
            throw ProbeFailure.refused("the manifest is refused: \(error)")
        }
        reached = .manifest
    }

    private mutating func drawInputs(_ trial: Trial) {
        for task in manifest?.tasks.prefix(Self.maximumTasks) ?? [] {
            var sampler = SchemaSampler(task.inputSchema, seed: trial.seed)
            guard let input = sampler.sample() else { continue }
            tasks.append(
                SampleTask(
                    name: task.name, inputSchema: task.inputSchema, outputSchema: task.outputSchema,
                    input: Array(input.serialized().utf8), call: Conversation.Call(task: task.name)))
        }
    }

    private mutating func lookAtTasks(_ trial: Trial) throws {
        let conversation = try opened(trial)
        reached = .descriptor
        let instance = try conversation.instance()
        reached = .instance
        for index in tasks.indices {
            let task = tasks[index]
            guard let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
            else { throw ProbeFailure.late("the task \(task.name) to complete") }
            tasks[index].call = call
        }
        guard !tasks.isEmpty else {
            throw ProbeFailure.refused("no input was found for any task; give `examples` in its input_schema")
        }
        reached = .tasks
    }

    static func words(_ error: any Error) -> String {
        switch error {
        case ProbeFailure.died(let how): how
        case ProbeFailure.late(let what): "waited too long for \(what)"
        case ProbeFailure.refused(let why): why
        case ProbeFailure.garbled: "the plugin wrote to the host's socket"
        case ProbeFailure.noProcess(let why): "no worker: \(why)"
        default: "\(error)"
        }
    }
}

/// Why nothing could be checked at all.
package struct CheckError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable { case unreadable, workerMissing, unknownRule }
    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
