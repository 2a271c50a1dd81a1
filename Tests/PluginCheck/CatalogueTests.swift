import Foundation
import PluginCheck
import TestSupport
import Testing

/// The catalogue, its document and its breakers are one.
@Suite("Rule catalogue")
struct CatalogueTests {
    @Test("ids are unique and in kebab-case, and at least sixty")
    func ids() {
        let ids = RuleCatalogue.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.count >= 60)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)+/) != nil })
    }

    @Test("rules stand in the order of their groups")
    func order() {
        let positions = RuleCatalogue.all.compactMap { RuleGroup.allCases.firstIndex(of: $0.group) }
        #expect(positions == positions.sorted())
        #expect(Set(RuleCatalogue.all.map(\.group)).count == RuleGroup.allCases.count)
    }

    @Test("each requirement is a sentence, and its source exists", arguments: RuleCatalogue.all.map(\.id))
    func prose(id: String) throws {
        let rule = try #require(RuleCatalogue.rule(id))
        #expect(rule.requirement.hasSuffix("."))
        let folder = rule.source.hasSuffix(".h") ? "PluginAPI/CBureau/include/bureau/" : ""
        #expect(
            FileManager.default.fileExists(atPath: Built.checkout.appendingPathComponent(folder + rule.source).path))
    }

    @Test("each rule has one plugin that breaks it, and each such plugin a rule")
    func breakers() throws {
        let folder = PluginCompiler.folder.appendingPathComponent("Breaking").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.sorted() == RuleCatalogue.all.map { "\($0.id).c" }.sorted())
        for file in files {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            #expect(text.hasPrefix("/* \(file.dropLast(2)): "))
        }
    }

    @Test("PluginAPI/RULES.md is the catalogue's document")
    func document() throws {
        let path = Built.checkout.appendingPathComponent("PluginAPI/RULES.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        #expect(
            text == RuleDocument.markdown, "write it anew: bureau plugin check --list --markdown > PluginAPI/RULES.md")
    }
}
