import Foundation
import Kernel
import TestSupport
import Testing

@Suite("What reloads leave behind", .timeLimit(.minutes(2)))
struct LeakTests {
    /// In a process of its own, as the benchmark does it with a thousand.
    @Test("after 200 reloads memory has hardly grown, and no descriptor or process is left")
    func soak() throws {
        let scratch = try Scratch()
        let process = Process()
        process.executableURL = Built.binary("bureau-bench")
        process.arguments = [scratch.path, "0", "what reloads leave behind"]
        process.environment = ["BUREAU_BENCH_RELOADS": "200"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.runAlone()
        let json = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let rows = try #require(try JSONParser.parse(Array(json)).arrayValue)
        #expect(rows.count == 3)
        for row in rows { #expect(row["meets_bar"]?.boolValue == true, "\(row.serialized())") }
    }
}
