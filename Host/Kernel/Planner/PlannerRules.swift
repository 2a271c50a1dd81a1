/// One rule: who says these words, one after the other, means this department, and perhaps this task.
package struct PlannerRule: Hashable, Sendable {
    package enum Origin: String, Hashable, Sendable {
        /// What people say of such departments anywhere.
        case vocabulary
        /// The department's or the task's name, its keywords and tags, or the words of its title or summary.
        case name, keyword, tag, title, summary
    }

    package var department: String
    /// Nil: of the department as a whole.
    package var task: String?
    /// As ``PlannerText`` makes them.
    package var phrase: [String]
    package var weight: Int
    package var origin: Origin

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "words": .string(phrase.joined(separator: " ")), "weight": .integer(Int64(weight)),
            "from": .string(origin.rawValue),
        ]
        members["task"] = task.map { .string($0) }
        return .object(members)
    }
}

/// All rules over one catalogue. A word that several departments use in their descriptions tells them apart less.
struct PlannerRules {
    private static let nameWeight = 6, keywordWeight = 5, phraseWeight = 4, wordWeight = 3, tagWeight = 3
    private static let rareWeight = 2, commonWeight = 1

    let rules: [PlannerRule]

    init(_ catalogue: TaskCatalogue) {
        var rules: [PlannerRule] = []
        for (department, text) in PlannerVocabulary.departments {
            for phrase in text.split(separator: ",") {
                let words = PlannerText.words(phrase)
                let isCommon = words.first.map { PlannerVocabulary.common.contains($0) } ?? true
                let weight = isCommon ? Self.rareWeight : Self.wordWeight
                rules.append(
                    PlannerRule(
                        department: department, phrase: words, weight: words.count > 1 ? Self.phraseWeight : weight,
                        origin: .vocabulary))
            }
        }
        let uses = Self.uses(catalogue)
        for department in catalogue.departments {
            rules += Self.rules(of: department)
            for task in department.tasks { rules += Self.rules(of: task, uses) }
        }
        self.rules = Self.strongest(rules)
    }

    /// The rules that fit, strongest first.
    func matches(_ text: PlannerText) -> [PlannerRule] {
        rules.filter { text.contains($0.phrase) }.sorted(by: Self.isBefore)
    }

    private static func rules(of department: TaskCatalogue.Department) -> [PlannerRule] {
        var rules = [
            PlannerRule(
                department: department.name, phrase: PlannerText.words(department.name), weight: nameWeight,
                origin: .name)
        ]
        for word in telling(department.title) {
            rules.append(
                PlannerRule(department: department.name, phrase: [word], weight: wordWeight, origin: .title))
        }
        return rules
    }

    private static func rules(of task: TaskCatalogue.Entry, _ uses: [String: Int]) -> [PlannerRule] {
        let (department, name) = (task.reference.department, task.reference.task)
        func rule(_ phrase: [String], _ weight: Int, _ origin: PlannerRule.Origin) -> PlannerRule {
            PlannerRule(department: department, task: name, phrase: phrase, weight: weight, origin: origin)
        }
        var rules = [rule(PlannerText.words(name), nameWeight, .name)]
        rules += task.planning.keywords.map { rule(PlannerText.words($0), keywordWeight, .keyword) }
        rules += task.planning.tags.map { rule(PlannerText.words($0), tagWeight, .tag) }
        // A task's name in other words: "tools" and "discover" for tool-discovery.
        let words = Set(telling(task.summary) + telling(name))
        for word in words.sorted() {
            rules.append(rule([word], (uses[word] ?? 0) > 1 ? commonWeight : rareWeight, .summary))
        }
        return rules
    }

    /// In how many departments' descriptions a word stands.
    private static func uses(_ catalogue: TaskCatalogue) -> [String: Int] {
        var uses: [String: Int] = [:]
        for department in catalogue.departments {
            let words = department.tasks.flatMap { telling($0.summary) + telling($0.reference.task) }
            for word in Set(words) { uses[word, default: 0] += 1 }
        }
        return uses
    }

    private static func telling(_ text: String) -> [String] {
        PlannerText.words(text).filter { $0.count > 2 && !PlannerVocabulary.fillers.contains($0) }
    }

    /// Of rules for the same words and the same goal the strongest.
    private static func strongest(_ rules: [PlannerRule]) -> [PlannerRule] {
        struct Key: Hashable { var department: String, task: String?, phrase: [String] }
        var best: [Key: PlannerRule] = [:]
        for rule in rules where !rule.phrase.isEmpty {
            let key = Key(department: rule.department, task: rule.task, phrase: rule.phrase)
            if let known = best[key], known.weight >= rule.weight { continue }
            best[key] = rule
        }
        return best.values.sorted(by: isBefore)
    }

    private static func isBefore(_ left: PlannerRule, _ right: PlannerRule) -> Bool {
        if left.weight != right.weight { return left.weight > right.weight }
        if left.department != right.department { return left.department < right.department }
        if left.task != right.task { return (left.task ?? "") < (right.task ?? "") }
        return left.phrase.lexicographicallyPrecedes(right.phrase)
    }
}
