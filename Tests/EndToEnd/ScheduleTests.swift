import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Schedules, by the real command and its API", .timeLimit(.minutes(3)))
struct ScheduleTests {
    private static let by = #"{"by":"ana"}"#
    private static let beat = """
        {"name":"beat","task":"desk/echo","when":"every 1s","input":{"text":{"$fire":"nominal"},"count":1},
         "overlap":"allow","by":"ana"}
        """

    private func wait(_ what: String, _ holds: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while try !holds() {
            guard Date() < end else { throw Failure(.deadline, what) }
            usleep(50_000)
        }
    }

    private func fires(_ served: Served) throws -> [JSONValue] {
        try served.get("/schedules/beat/fires?limit=1000").json()["fires"]?.arrayValue ?? []
    }

    @Test(
        "each second has one run, over a kill of the host and a backfill; then the schedule is paused, changed and gone"
    )
    func served() throws {
        let desk = try CompiledPlugin.desk.get()
        var served = try Served(try Command(), desk: desk)
        let made = try served.post("/schedules", Self.beat)
        #expect(made.status == 201 && made.headers.contains("/schedules/beat"), "\(made.body)")
        #expect(try made.json()["words"] == "every second")
        #expect(try served.post("/schedules", Self.beat).status == 409)
        func add(_ task: String, _ when: String) throws -> Served.Response {
            let input = #""input":{"text":"aa","count":1}"#
            return try served.post(
                "/schedules", #"{"name":"x","task":"\#(task)","when":"\#(when)",\#(input),"by":"a"}"#)
        }
        #expect(try add("desk/none", "@daily").status == 404)
        let wrong = try add("desk/echo", "61 * * * *")
        #expect(wrong.status == 400 && wrong.body.contains("minute"), "\(wrong.body)")
        try wait("two fires") { try fires(served).count >= 2 }
        kill(served.started.process.processIdentifier, SIGKILL)
        served.started.process.waitUntilExit()
        let before = try served.command("schedules", "fires", "beat", "--limit", "1000", "--json").json()
        let known = before["fires"]?.arrayValue?.count ?? 0
        served = try Served(served.command, desk: desk)
        try wait("fires after the kill") { try fires(served).count >= known + 2 }
        #expect(try served.post("/schedules/beat/pause", Self.by).json()["paused"] == true)
        let all = try fires(served)
        #expect(Set(all.compactMap { $0["nominal"]?.stringValue }).count == all.count)
        #expect(Set(all.compactMap { $0["job_id"]?.stringValue }).count == all.count)
        let jobs = try served.get("/jobs?limit=200").json()["jobs"]?.arrayValue ?? []
        #expect(jobs.count == all.count)
        let newest = try #require(all.first)
        let job = try #require(newest["job_id"]?.stringValue)
        try wait("the newest run ends") { try served.get("/jobs/\(job)").json()["status"] == "done" }
        let output = try served.get("/jobs/\(job)").json()["output"]?["text"]?.stringValue
        #expect(output == newest["nominal"]?.stringValue)

        let from = try #require(all.last?["nominal"]?.stringValue), to = try #require(newest["nominal"]?.stringValue)
        let range = #"{"from":"\#(from)","to":"\#(to)"}"#
        let filled = try served.post("/schedules/beat/backfill", range).json()["job_ids"]?.arrayValue?.count
        let first = try #require(Instant(timestamp: from)), last = try #require(Instant(timestamp: to))
        let times = Int(last.unixMilliseconds - first.unixMilliseconds) / 1_000 + 1
        #expect(filled.map { $0 + all.count } == times)
        #expect(try served.post("/schedules/beat/backfill", range).json() == ["job_ids": []])

        func edit(_ revision: Int) throws -> Served.Response {
            let times = #""when":"@daily","zone":"Europe/Berlin","revision":\#(revision)"#
            return try served.put(
                "/schedules/beat", #"{"task":"desk/echo",\#(times),"input":{"text":"aa","count":1},"by":"a"}"#)
        }
        #expect(try edit(7).status == 409)
        let stored = try edit(1)
        #expect(try stored.json()["revision"] == 2 && stored.json()["when"] == "@daily", "\(stored.body)")
        #expect(try served.post("/schedules/beat/resume", Self.by).json()["paused"] == false)
        #expect(try served.delete("/schedules/beat", Self.by).status == 204)
        #expect(try served.get("/schedules/beat").status == 404)
        #expect(served.stop() == 0)
        #expect(try served.command("audit", "verify").status == 0)
    }

    @Test("the command makes, shows, changes, pauses, previews, backfills and removes schedules in a store")
    func command() throws {
        let command = try Command()
        let added = try command(
            "schedules", "add", "close", "finance/close", "30 2 * * *", "--zone", "Europe/Berlin", "--misfire",
            "catch-up:3", "--overlap", "queue_one", "--input", #"{"day":{"$fire":"date"}}"#)
        #expect(added.status == 0, "\(added.errors)")
        #expect(added.output.hasPrefix("close starts finance/close every day at 02:30 Europe/Berlin\n"))
        #expect(added.output.contains("misfire catch_up:3, overlap queue_one"))
        #expect(added.output.split(separator: "\n").count { $0.hasPrefix("next  ") } == 3)
        #expect(try command("schedules", "add", "close", "finance/close", "@daily").status == 2)
        let wrong = try command("schedules", "add", "other", "finance/close", "0 9 30 2 *")
        #expect(wrong.status != 0 && wrong.errorLines.count == 1 && wrong.errors.contains("no month has such a day"))
        let edited = try command("schedules", "edit", "close", "--when", "every 90m", "--json").json()
        #expect(edited["when"] == "@every 90m" && edited["revision"] == 2 && edited["zone"] == "Europe/Berlin")
        #expect(try command("schedules", "pause", "close").output.contains("paused"))
        #expect(try command("schedules", "list").output.contains("paused"))
        #expect(try command("schedules", "resume", "close").status == 0)
        let none = try command("schedules", "backfill", "close", "--from", "2026-01-01", "--to", "2099-01-01")
        #expect(none.status != 0 && none.errors.contains("reaches past"))
        #expect(try command("schedules", "remove", "close").output == "close is removed\n")
        #expect(try command("schedules", "show", "close").status != 0)
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("a preview needs no store, and marks the days on which the clock is set")
    func preview() throws {
        let command = try Command()
        let workdays = try command(
            "schedules", "preview", "0 9 * * 1-5", "--zone", "Europe/Berlin", "--count", "2", "--after",
            "2026-03-27T12:00:00Z")
        #expect(
            workdays.output == """
                every weekday at 09:00 Europe/Berlin
                next  2026-03-30T09:00:00+02:00
                next  2026-03-31T09:00:00+02:00
                2026-03-29: the clock jumps from 02:00:00 to 03:00:00; 0 fire(s) on that day

                """, "\(workdays.output) \(workdays.errors)")
        let night = try command(
            "schedules", "preview", "30 2 * * *", "--zone", "Europe/Berlin", "--count", "2", "--fold", "both",
            "--after", "2026-10-24T22:30:00Z", "--json"
        ).json()
        let fires = night["fires"]?.arrayValue ?? []
        let local = fires.compactMap { $0["local"]?.stringValue }
        #expect(local == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"])
        #expect(fires.allSatisfy { $0["clock_change"] == "fold" })
        let broken = try command("schedules", "preview", "0 25 * * *")
        #expect(broken.status == 2 && broken.errors.contains("hour"))
    }
}
