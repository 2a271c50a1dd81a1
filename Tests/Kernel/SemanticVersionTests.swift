import Kernel
import Testing

/// The order of semver.org 2.0.0 §11, and its grammar.
@Suite("Semantic versions")
struct SemanticVersionTests {
    @Test("§11.4.4: 1.0.0-alpha < … < 1.0.0")
    func order() throws {
        let texts = [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1",
        ]
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        for (index, left) in versions.enumerated() {
            for (other, right) in versions.enumerated() {
                #expect((left < right) == (index < other), "\(left) \(right)")
                #expect((left == right) == (index == other))
            }
        }
        #expect(SemanticVersion("1.0.0+a") == SemanticVersion("1.0.0+b"))
    }

    @Test(
        "what the grammar does not allow",
        arguments: [
            "", "1", "1.2", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a..b", "v1.2.3", "1.2.3.4",
            "1.2.3-é", "-1.2.3", "1.2.x", "99999999999999999999.0.0", " 1.2.3",
        ])
    func refused(text: String) { #expect(SemanticVersion(text) == nil) }

    @Test(
        "what it allows",
        arguments: ["0.0.4", "1.2.3-0a", "1.0.0-x-y.z", "1.2.3----RC.1--.12.9+788", "1.0.0+0.build.01"])
    func allowed(text: String) { #expect(SemanticVersion(text)?.description == text) }
}
