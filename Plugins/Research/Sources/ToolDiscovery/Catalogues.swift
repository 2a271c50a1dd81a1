package import PluginKit

/// Where a catalogue that comes with the request was taken from: the form of its document.
package enum CatalogueSource: String, Codable, Hashable, Sendable, CaseIterable {
    /// `GET /search/repositories` of the GitHub REST API, version 2022-11-28.
    case github
    /// `posts { edges { node … } }` of Product Hunt's GraphQL API, version 2.
    case producthunt
    /// `[{"name", "summary", "description", "homepage", "tags": []}]`
    case list
}

package struct ToolCatalogue: Codable, Hashable, Sendable, SchemaDescribing {
    package var source: CatalogueSource
    package var document: JSONValue

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("source", "Whose form the document has.")
        schema.property("document", "The answer of that service, as it came; or a list.")
    }
}

extension ToolCatalogue {
    /// At most so many entries of one document are read.
    static let limit = 10_000

    func packages(at pointer: String) throws(TaskFailure) -> [CataloguePackage] {
        let entries: [JSONValue]?
        switch source {
        case .github: entries = document["items"]?.arrayValue
        case .producthunt:
            let posts = document["data"]?["posts"] ?? document["posts"]
            entries = posts?["edges"]?.arrayValue?.compactMap { $0["node"] }
        case .list: entries = document.arrayValue
        }
        guard let entries else {
            throw .invalid("\(pointer)/document: has not the form of \(source.rawValue)")
        }
        guard entries.count <= Self.limit else {
            throw .invalid("\(pointer)/document: \(entries.count) entries, at most \(Self.limit) are read")
        }
        var packages: [CataloguePackage] = []
        for (index, entry) in entries.enumerated() {
            guard let package = package(entry), !package.name.isEmpty else {
                throw .invalid("\(pointer)/document: entry \(index) has no name")
            }
            packages.append(package)
        }
        return packages
    }

    private func package(_ entry: JSONValue) -> CataloguePackage? {
        func text(_ key: String) -> String { entry[key]?.stringValue ?? "" }
        func words(_ value: JSONValue?) -> String {
            (value?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: " ")
        }
        var package = CataloguePackage(
            name: text("name"), version: "", section: "", summary: "", description: "", homepage: "", tags: "",
            installed: false, source: source.rawValue)
        switch source {
        case .github:
            // An archived repository is no tool to begin with.
            if entry["archived"]?.boolValue == true { package.section = "oldlibs" }
            package.name = entry["full_name"]?.stringValue ?? text("name")
            package.summary = text("description")
            package.tags = [words(entry["topics"]), text("language")].joined(separator: " ")
            package.homepage = text("html_url")
            package.version = text("pushed_at")
        case .producthunt:
            package.summary = text("tagline")
            package.description = text("description")
            package.homepage = entry["website"]?.stringValue ?? text("url")
            package.version = text("createdAt")
            let topics = entry["topics"]?["edges"]?.arrayValue ?? []
            package.tags = topics.compactMap { $0["node"]?["name"]?.stringValue }.joined(separator: " ")
        case .list:
            package.summary = text("summary")
            package.description = text("description")
            package.homepage = text("homepage")
            package.tags = words(entry["tags"])
        }
        return package
    }

    /// In how many packages each term stands, in any field.
    static func frequencies(_ terms: [String], in packages: [CataloguePackage]) -> [String: Int] {
        let stems = packages.map { package in
            ToolRanking.Field.allCases.map { Words.stems(ToolRanking.text($0, of: package)) }
        }
        return Dictionary(
            terms.map { term in
                let words = Words.stems(term)
                return (term, stems.count { $0.contains { ToolRanking.occurrences(of: words, in: $0) > 0 } })
            }, uniquingKeysWith: { first, _ in first })
    }
}
