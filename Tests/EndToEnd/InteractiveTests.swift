import Foundation
import Kernel
import TestSupport
import Testing

extension Command {
    /// As a person does it: each step waits for a text and sends keys.
    func atTerminal(
        _ arguments: [String], _ steps: [[String]], environment: [String: String] = [:]
    ) throws -> Result {
        let script = Built.checkout.appendingPathComponent("Tests/EndToEnd/Clients/drive_terminal.py").path
        let text = JSONValue.array(steps.map { .array($0.map { .string($0) }) }).serialized()
        let file = try scratch.write(Array(text.utf8), to: UUID().uuidString)
        return try run(
            ["python3", script, file, Built.binary("bureau").path] + arguments, environment: environment,
            program: "/usr/bin/env")
    }
}

@Suite("The command, driven at a terminal", .timeLimit(.minutes(3)))
struct InteractiveTests {
    private func asking(_ texts: String...) throws -> (Command, String) {
        let desk = try CompiledPlugin.desk.get(), command = try Command()
        for text in texts {
            let input = #"{"text":"\#(text)","count":1}"#
            #expect(try command("run", "desk/review", "--input", input, plugins: [desk]).status == 10)
        }
        return (command, desk)
    }

    @Test("a person approves one and rejects another, with reasons")
    func review() throws {
        let (command, desk) = try asking("first", "second")
        let result = try command.atTerminal(
            ["interactive", "review-approvals", "--as", "ann", "--plugins", desk],
            [
                ["1 of 2", "n"], ["2 of 2", "v"], ["2 of 2", "a"], ["reason", "looks good\r"], ["approved", ""],
                ["1 of 1", "r"], ["why not", "\r"], ["needs a reason", ""], ["1 of 1", "r"],
                ["why not", "too long\r"], ["rejected", ""], ["nothing else waits", ""],
            ])
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(result.output.contains("2 decided"))
        let all = try command("approvals", "list", "--all", "--json").json()["approvals"]?.arrayValue ?? []
        let decisions = all.compactMap { $0["decision"]?["reason"]?.stringValue }.sorted()
        #expect(decisions == ["looks good", "too long"])
        #expect(all.allSatisfy { $0["decision"]?["by"] == "ann" })
    }

    @Test("an edit is made in the person's editor, shown as changes, and counts once it is taken")
    func edit() throws {
        let (command, desk) = try asking("draft")
        let editor = try command.scratch.write(Array("#!/bin/sh\nsed -i s/draft/final/ \"$1\"\n".utf8), to: "editor.sh")
        chmod(editor, 0o755)
        let result = try command.atTerminal(
            ["interactive", "review-approvals", "--as", "ann", "--plugins", desk],
            [
                ["1 of 1", "d"], ["nobody edited it", ""], ["1 of 1", "e"], ["+ ", ""], ["take it", "y"],
                ["revision 1", "d"], ["- ", ""], ["revision 1", "q"],
            ], environment: ["EDITOR": editor])
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        let open = try command("approvals", "--json").json()["approvals"]?.arrayValue?.first
        #expect(open?["revision"] == 1)
        #expect(open?["content"]?.serialized().contains("final") == true)
    }

    @Test("an agent is chosen and told what to do")
    func execute() throws {
        let desk = try CompiledPlugin.desk.get(), command = try Command()
        let result = try command.atTerminal(
            ["interactive", "execute-agent", "--plugins", desk],
            [
                ["agent (its number", "1\r"], ["what is it to do", "echo\r"],
                ["as JSON", #"{"text":"hello","count":1}"# + "\r"],
            ])
        #expect(result.status == 0, "\(result.output) \(result.errors)")
        #expect(result.output.contains("done"))
    }

    @Test("a password is asked for without being shown")
    func password() throws {
        let command = try Command()
        let result = try command.atTerminal(
            ["login", "http://127.0.0.1:1"], [["E-mail", "ada@example.com\r"], ["Password", "hush hush\r"]])
        #expect(result.status == 8, "\(result.output)")
        #expect(!result.output.contains("hush"))
    }

    @Test("without a terminal it says so, and output that is piped is plain")
    func piped() throws {
        let (command, desk) = try asking("hello")
        let result = try command("interactive", "review-approvals", plugins: [desk])
        #expect(result.status == 2 && result.errors.contains("needs a terminal"))
        #expect(!(try command("approvals").output.contains("\u{1B}")))
        let coloured = try command.atTerminal(["approvals"], [["status", ""]])
        #expect(coloured.output.contains("\u{1B}["))
        let plain = try command.atTerminal(["approvals"], [["status", ""]], environment: ["NO_COLOR": "1"])
        #expect(!plain.output.contains("\u{1B}["))
    }
}
