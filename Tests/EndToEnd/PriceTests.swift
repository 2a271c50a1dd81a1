import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Prices by command", .timeLimit(.minutes(2)))
struct PriceTests {
    private static let file = """
        model,provider,input,cached_read,output,per_call
        gpt-5,openai,1000000,100000,9000000,
        mine,local,100,10,500,1000
        """

    @Test("a file goes over the list prices, is checked and told, and goes away again")
    func importing() throws {
        let bureau = try Command()
        let path = try bureau.scratch.write(Array(Self.file.utf8), to: "prices.csv")
        let dry = try bureau("prices", "import", path, "--dry-run", "--json").json()
        #expect(dry["imported"] == false)
        #expect(dry["changes"]?.arrayValue?.map { $0["model"] } == ["mine", "gpt-5"])
        #expect(try bureau("prices", "list", "local/mine").status == 4)

        #expect(try bureau("prices", "import", path).status == 0)
        let listed = try bureau("prices", "list", "local/mine", "--json").json()
        #expect(listed["prices"]?.arrayValue?.first?["picodollars_per_token"]?["output"] == 500)
        #expect(listed["prices"]?.arrayValue?.first?["call_picodollars"] == 1_000)
        #expect(try bureau("prices", "list", "openai/gpt-5-mini").output.contains("0.25"))
        #expect(try bureau("audit", "verify").status == 0)

        #expect(try bureau("prices", "reset").output.contains("- local/mine"))
        #expect(try bureau("prices", "list", "local/mine").status == 4)
        #expect(try bureau("audit", "verify").status == 0)
    }

    @Test("a price that ended is shown for its own day")
    func validity() throws {
        let bureau = try Command()
        let (old, new) = (
            try bureau("prices", "list", "openai/o3", "--at", "2025-06-09", "--json").json(),
            try bureau("prices", "list", "openai/o3", "--at", "2025-06-10", "--json").json()
        )
        let rates = [old, new].map { document in
            document["prices"]?.arrayValue?.first { $0["model"] == "o3" }?["picodollars_per_token"]?["input"]
        }
        #expect(rates == [10_000_000, 2_000_000])
    }

    @Test("files that are wrong change nothing and say where")
    func refusals() throws {
        let bureau = try Command()
        for (text, reason) in [
            ("", "no price"), ("model,provider,input\nm,p,1", "output is empty"),
            ("model,provider,input,output\nm,p,1.5,2", "line 2"),
            ("model,provider,input,output\nm,p,1,2\nm,p,1,3", "two prices for the same time"),
        ] {
            let path = try bureau.scratch.write(Array(text.utf8), to: "wrong.csv")
            let result = try bureau("prices", "import", path)
            #expect(result.status == 3 && result.errors.contains(reason), "\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: bureau.store))
        let path = try bureau.scratch.write(Array("model,provider,input,output\nm,p,9,8".utf8), to: "odd.csv")
        let checked = try bureau("prices", "check", path)
        #expect(checked.status == 3 && checked.output.contains("p/m: output is cheaper than input"))
        #expect(try bureau("prices", "list", "--at", "2026-13-01").status == 2)
    }
}
