import Engine
import Glibc
import Journal
import Kernel

/// One person goes through what waits for a decision, by keys.
struct ReviewSession {
    private static let previewLines = 24
    private static let keys = "a approve  r reject  e edit  d changes  v all of it  n next  p previous  q quit"

    let desk: ApprovalDesk
    let user: String
    private let terminal = Terminal.standard

    init(desk: ApprovalDesk, user: String) {
        self.desk = desk
        self.user = user
    }

    /// - Returns: how many requests were decided.
    func run() async throws(CommandFailure) -> Int {
        var open = try await desk.open()
        var place = 0, decided = 0
        guard !open.isEmpty else {
            terminal.line("nothing waits for a decision")
            return 0
        }
        while !open.isEmpty {
            place = min(place, open.count - 1)
            let approval = try arguments(open[place])
            let shown = try await desk.show(approval)
            draw(shown, place, open.count)
            switch await ask(shown, approval) {
            case .quit: return decided
            case .move(let step): place = (place + step + open.count) % open.count
            case .stay: continue
            case .acted(let record):
                let state = record.text("status")
                terminal.line(state == "open" ? "noted; it takes more people" : words(state))
                if state != "open" { decided += 1 }
                open = try await desk.open()
            case .refused(let failure): failure.lines.forEach { terminal.error($0) }
            }
        }
        terminal.line("nothing else waits for a decision")
        return decided
    }

    private enum Step {
        case quit
        case move(Int)
        case stay
        case acted(JSONValue)
        case refused(CommandFailure)
    }

    private func arguments(_ json: JSONValue) throws(CommandFailure) -> ApprovalArguments {
        guard let run = RunID(json.text("run")), let sequence = json["sequence"]?.integerValue else {
            throw CommandFailure(.internal, "an approval without a run or a number")
        }
        var arguments = ApprovalArguments()
        arguments.run = run
        arguments.sequence = Int(sequence)
        return arguments
    }

    private func words(_ state: String) -> String {
        let style = terminal.outputStyle
        return state == "approved" ? style.green(state) : style.yellow(state)
    }

    // MARK: Showing

    private func draw(_ json: JSONValue, _ place: Int, _ count: Int) {
        let style = terminal.outputStyle
        let deadline = json.text("expires_at").isEmpty ? "" : ", until \(json.text("expires_at"))"
        terminal.line("")
        terminal.line(style.bold("\(place + 1) of \(count)  \(json.text("title").printable)"))
        terminal.line(style.faint("run \(json.text("run")), revision \(json.text("revision"))\(deadline)"))
        if !json.text("body").isEmpty { terminal.line(json.text("body").printable) }
        content(json, limit: Self.previewLines)
        if json["asked_content"] != nil { terminal.line(style.yellow("edited; d shows the changes")) }
        terminal.line(style.faint(Self.keys))
    }

    private func content(_ json: JSONValue, limit: Int) {
        let lines = Self.text(json["content"] ?? .null).split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines.prefix(limit) { terminal.line("  " + String(line).printable) }
        if lines.count > limit { terminal.line("  … \(lines.count - limit) more lines; v shows them") }
    }

    /// As a person edits it: a text as it is, everything else as JSON.
    static func text(_ content: JSONValue) -> String {
        if case .string(let text) = content { return text }
        return content.serialized(pretty: true)
    }

    // MARK: Deciding

    private func ask(_ json: JSONValue, _ approval: ApprovalArguments) async -> Step {
        switch Keyboard.key() {
        case .end, .character("q"): return .quit
        case .character("n"), .character("j"): return .move(1)
        case .character("p"), .character("k"): return .move(-1)
        case .character("v"):
            content(json, limit: .max)
            return .stay
        case .character("d"):
            changes(json)
            return .stay
        case .character("a"):
            return await act(.approve(revision: revision(json), content: nil), approval, asks: "reason (may be empty)")
        case .character("r"): return await act(.reject, approval, asks: "why not")
        case .character("e"): return await edit(json, approval)
        case .character: return .stay
        }
    }

    private func revision(_ json: JSONValue) -> Int? { json["revision"]?.integerValue.map { Int($0) } }

    private func changes(_ json: JSONValue) {
        guard let asked = json["asked_content"] else { return terminal.line("nobody edited it") }
        LineDiff.text(Self.text(asked), Self.text(json["content"] ?? .null), style: terminal.outputStyle)
            .forEach { terminal.line($0) }
    }

    private func act(_ wish: ApprovalWish, _ approval: ApprovalArguments, asks question: String) async -> Step {
        terminal.draw("\(question): ")
        guard let reason = readLine() else { return .quit }
        if wish == .reject, reason.isEmpty {
            terminal.line("a rejection needs a reason")
            return .stay
        }
        do {
            return .acted(try await desk.act(wish, on: approval, by: user, reason: reason))
        } catch {
            return .refused(error)
        }
    }

    /// In the person's own editor; what changed is shown, and asked for, before it counts.
    private func edit(_ json: JSONValue, _ approval: ApprovalArguments) async -> Step {
        let content = json["content"] ?? .null, old = Self.text(content)
        do {
            let new = try Editor.edited(old)
            guard new != old else {
                terminal.line("nothing was changed")
                return .stay
            }
            LineDiff.text(old, new, style: terminal.outputStyle).forEach { terminal.line($0) }
            var edited = JSONValue.string(new)
            if content.stringValue == nil {
                guard let value = try? JSONParser.parse(Array(new.utf8)) else {
                    return .refused(CommandFailure(.badInput, "that is not JSON; nothing was changed"))
                }
                edited = value
            }
            terminal.draw("take it (y/n)? ")
            guard Keyboard.key() == .character("y") else { return .stay }
            terminal.line("")
            return .acted(
                try await desk.act(
                    .edit(revision: revision(json), content: edited.bytes), on: approval, by: user, reason: ""))
        } catch let failure as CommandFailure {
            return .refused(failure)
        } catch {
            return .refused(CommandFailure(.internal, "\(error)"))
        }
    }
}

/// `VISUAL`, `EDITOR` or vi on a file of its own.
enum Editor {
    private static let maximumBytes = 4 << 20

    static func edited(_ text: String) throws(CommandFailure) -> String {
        let folder = "\(Environment.value("TMPDIR") ?? "/tmp")/bureau-edit-\(getpid())"
        guard mkdir(folder, 0o700) == 0 else {
            throw CommandFailure(.storeUnavailable, FileProblem(path: folder, number: errno).text)
        }
        let path = folder + "/content"
        defer {
            unlink(path)
            rmdir(folder)
        }
        if let problem = FilePath.write(Array(text.utf8), to: path) {
            throw CommandFailure(.storeUnavailable, problem.text)
        }
        let editor = Environment.value("VISUAL") ?? Environment.value("EDITOR") ?? "vi"
        guard wait(editor, path) == 0 else { throw CommandFailure(.cancelled, "\(editor) failed; nothing was changed") }
        switch FilePath.read(path, maximumBytes: maximumBytes) {
        case .failure(let problem): throw CommandFailure(.storeUnavailable, problem.text)
        case .success(let bytes):
            var text = String(decoding: bytes, as: UTF8.self)
            // Editors end the last line.
            if text.hasSuffix("\n"), !text.dropLast().isEmpty { text.removeLast() }
            return text
        }
    }

    /// The editor is the user's own word, with its options, as Git takes it.
    private static func wait(_ editor: String, _ path: String) -> Int32 {
        var process = pid_t()
        let words: [String] = ["sh", "-c", "\(editor) \"$1\"", "sh", path]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        guard posix_spawn(&process, "/bin/sh", nil, nil, arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
