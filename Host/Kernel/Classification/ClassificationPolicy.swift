/// How data gets its class, and how far each class may go. Read from the member `classification` of a policy file;
/// without one, ``standard`` holds.
package struct ClassificationPolicy: Hashable, Sendable {
    /// Where a rule looks.
    package enum Place: String, Hashable, Sendable, CaseIterable {
        /// What a run is given.
        case input
        /// What it sends to a model.
        case request
        /// What its steps bring in: answers of models, tools and the web.
        case result
    }

    package struct Rule: Hashable, Sendable {
        package var id: String
        package var places: Set<Place>
        /// One of its phrases stands in a text, as whole words.
        package var words: WordScanner?
        /// One of its phrases stands in the department's name or in one of the input's ``domainKeys``.
        package var domains: WordScanner?
        /// Patterns; nil: all.
        package var departments: [String]?
        package var sensitivity: Sensitivity
    }

    /// The highest class that a destination may get, by pattern; the longest pattern that fits counts.
    package struct Clearances: Hashable, Sendable {
        package var usual: Sensitivity
        package var patterns: [String: Sensitivity]

        package init(_ usual: Sensitivity, _ patterns: [String: Sensitivity] = [:]) {
            self.usual = usual
            self.patterns = patterns
        }

        package func clearance(of name: String) -> Sensitivity {
            patterns.filter { GuardPolicy.matches(name, $0.key) }
                .max { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }?.value ?? usual
        }
    }

    /// Members of an input that name what it is about.
    static let domainKeys: Set = ["required_domains", "domains", "domain"]

    package var rules: [Rule]
    /// A department's runs are at least of this class, by pattern.
    package var departments: [String: Sensitivity] = [:]
    /// Who answers on this machine may see everything; other providers are the operator's choice, but not for
    /// restricted data unless that is said.
    package var providers = Clearances(.confidential, ["offline": .restricted])
    /// Hosts that runs fetch from.
    package var hosts = Clearances(.internal)
    package var webhooks = Clearances(.internal)

    package init(rules: [Rule]) { self.rules = rules }

    /// The rules that hold where the operator has none of his own.
    package static let seedRules: [Rule] = [
        Rule(
            id: "seed.keywords", places: [.input, .request, .result],
            words: WordScanner([
                "acquisition", "acquisitions", "layoff", "layoffs", "confidential", "secret", "secrets",
            ]),
            sensitivity: .confidential),
        Rule(
            id: "seed.domains", places: [.input], domains: WordScanner(["legal", "personnel", "merger", "mergers"]),
            sensitivity: .restricted),
    ]
    package static let standard = ClassificationPolicy(rules: seedRules)

    // MARK: Runs

    /// The class of a new run: the highest of what its submitter said, its parents, its department and the rules.
    /// Where nobody says anything it is ``Sensitivity/usual``.
    ///
    /// - Parameter parents: of runs that it comes from.
    package func admission(
        said: Sensitivity? = nil, department: String, input: [UInt8], parents: [Sensitivity] = []
    ) -> Classification {
        var found = Classification(said ?? parents.max() ?? .usual)
        if said != nil { found.reasons.append("said") } else if !parents.isEmpty { found.reasons.append("parent") }
        for parent in parents { found.raise(to: parent, because: "parent") }
        for (pattern, sensitivity) in departments where GuardPolicy.matches(department, pattern) {
            found.raise(to: sensitivity, because: "department \(pattern)")
        }
        let texts = ClassifiedTexts(input)
        for rule in rules where rule.sensitivity > found.sensitivity && rule.places.contains(.input) {
            guard applies(rule, department), rule.words.map({ texts.contain($0) }) ?? true,
                rule.domains.map({ $0.first(in: department) != nil || texts.isAbout($0) }) ?? true
            else { continue }
            found.raise(to: rule.sensitivity, because: "rule \(rule.id)")
        }
        return found
    }

    /// What a text that a run sends or gets asks for; nil when no rule speaks of it, or none above `current`.
    package func raise(
        _ current: Sensitivity, by bytes: [UInt8], at place: Place, department: String
    ) -> (sensitivity: Sensitivity, rule: String)? {
        var found: (sensitivity: Sensitivity, rule: String)?
        var texts: ClassifiedTexts?
        for rule in rules where rule.places.contains(place) && rule.sensitivity > (found?.sensitivity ?? current) {
            guard applies(rule, department), let words = rule.words, rule.domains == nil else { continue }
            let read = texts ?? ClassifiedTexts(bytes)
            texts = read
            if read.contain(words) { found = (rule.sensitivity, rule.id) }
        }
        return found
    }

    private func applies(_ rule: Rule, _ department: String) -> Bool {
        rule.departments.map { $0.contains { GuardPolicy.matches(department, $0) } } ?? true
    }
}

/// The texts of a document, or the bytes as text where it is none.
struct ClassifiedTexts {
    private let texts: [String]
    private let document: JSONValue?

    init(_ bytes: [UInt8]) {
        // Escapes may stand in the middle of a word, or run into its beginning; without any, the document's own text
        // is as good as its strings.
        let isPlain = !bytes.contains(UInt8(ascii: "\\"))
        document = isPlain && !bytes.contains(word: "domain") ? nil : try? JSONParser.parse(bytes)
        guard let document, !isPlain else {
            texts = [String(decoding: bytes, as: UTF8.self)]
            return
        }
        var found: [String] = []
        Self.gather(document, into: &found)
        texts = found
    }

    func contain(_ words: WordScanner) -> Bool { texts.contains { words.first(in: $0) != nil } }

    func isAbout(_ domains: WordScanner) -> Bool {
        document.map { Self.isAbout($0, domains) } ?? false
    }

    private static func gather(_ value: JSONValue, into texts: inout [String]) {
        switch value {
        case .string(let text): texts.append(text)
        case .array(let elements): for element in elements { gather(element, into: &texts) }
        case .object(let members):
            for (key, value) in members {
                texts.append(key)
                gather(value, into: &texts)
            }
        default: break
        }
    }

    private static func isAbout(_ value: JSONValue, _ domains: WordScanner) -> Bool {
        switch value {
        case .array(let elements): elements.contains { isAbout($0, domains) }
        case .object(let members):
            members.contains { key, value in
                if ClassificationPolicy.domainKeys.contains(key) {
                    var texts: [String] = []
                    gather(value, into: &texts)
                    if texts.contains(where: { domains.first(in: $0) != nil }) { return true }
                }
                return isAbout(value, domains)
            }
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate func contains(word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard count >= length else { return false }
        return withUnsafeBufferPointer { bytes in
            let first = word.utf8Start[0]
            for start in 0...(bytes.count - length) where bytes[start] == first {
                if (1..<length).allSatisfy({ bytes[start + $0] == word.utf8Start[$0] }) { return true }
            }
            return false
        }
    }
}
