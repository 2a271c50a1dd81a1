/// Signs that a text wants to be obeyed instead of read. A detector, not a wall: who writes around it gets through,
/// and so the wall is elsewhere (``TaintRule``: what was read from outside keeps a run from tools that the policy
/// protects, whatever the text says). The sum of the weights is for alarms and for rules of the policy.
package struct InjectionSignals: Hashable, Sendable {
    package enum Signal: String, Hashable, Sendable, CaseIterable {
        /// "Ignore all previous instructions."
        case override
        /// "You are now …", "pretend to be …", "developer mode".
        case role
        /// Markers of chat templates: `<|im_start|>`, `[INST]`, `### System:`.
        case template
        /// "Reveal your system prompt."
        case prompt
        /// "Send the data to …", a picture whose address takes data out.
        case exfiltration
        /// "Do not tell the user."
        case secrecy
        /// Characters that people cannot see: tags, zero width, direction.
        case hidden
        /// A long run of base64 or hexadecimal, which may be instructions.
        case encoded

        package var weight: Int {
            switch self {
            case .override, .template: 60
            case .prompt, .exfiltration, .secrecy: 40
            case .hidden, .role: 30
            case .encoded: 10
            }
        }
    }

    /// Each once, however often it shows.
    package let signals: Set<Signal>

    /// 0 to 100.
    package var score: Int { min(100, signals.reduce(0) { $0 + $1.weight }) }

    /// Verbs, then within a few words objects: order, and what stands between, vary; blanks, case and invisible
    /// characters do not matter.
    private static let pairs: [(signal: Signal, verbs: Set<String>, objects: Set<String>, distance: Int)] = [
        (
            .override,
            [
                "ignore", "disregard", "forget", "override", "bypass", "ignoriere", "vergiss", "ignora", "oublie",
                "ignorez",
            ],
            [
                "instructions", "instruction", "rules", "guidelines", "directions", "prompts", "anweisungen", "regeln",
                "instrucciones", "consignes", "istruzioni",
            ], 6
        ),
        (
            .prompt, ["reveal", "print", "repeat", "show", "output", "leak", "tell", "display"],
            ["prompt", "prompts", "instructions"], 6
        ),
        (
            .role, ["now", "pretend", "act", "roleplay"], ["dan", "unrestricted", "jailbroken", "unfiltered", "root"], 8
        ),
        (
            .exfiltration, ["send", "post", "upload", "forward", "email", "transmit", "exfiltrate"],
            ["password", "passwords", "credentials", "token", "tokens", "secrets", "keys", "conversation", "history"], 8
        ),
        (.secrecy, ["not", "never", "without"], ["telling", "mention", "inform", "informing", "notify"], 3),
    ]

    /// Whose objects count only beside a word that says whose: rules in a text about chess are no attack.
    private static let qualifiers: [Signal: Set<String>] = [
        .override: [
            "previous", "prior", "above", "earlier", "all", "your", "system", "preceding", "vorherigen", "bisherigen",
            "anteriores", "précédentes", "precedenti", "any", "these", "those",
        ],
        .prompt: ["your", "system", "hidden", "initial", "above", "previous"],
    ]

    private static let phrases: [(Signal, String)] = [
        (.role, "developer mode"), (.role, "you are now"), (.role, "from now on you"), (.role, "new instructions"),
        (.secrecy, "do not tell the user"), (.secrecy, "don t tell the user"), (.secrecy, "without the user knowing"),
        (.override, "instead of the above"), (.override, "disregard the above"), (.override, "ignore the above"),
        (.override, "ignore everything above"), (.override, "forget everything"),
    ]

    private static let markers: [(Signal, String)] = [
        (.template, "<|im_start|>"), (.template, "<|system|>"), (.template, "[inst]"), (.template, "<<sys>>"),
        (.template, "### system"), (.template, "###system"), (.template, "### instruction"), (.template, "</system>"),
        (.template, "<|endoftext|>"), (.template, "begin system prompt"), (.template, "<|start_header_id|>"),
    ]

    package init(in text: String) {
        var signals: Set<Signal> = []
        let visible = Self.visible(text)
        if visible.hadHidden { signals.insert(.hidden) }
        let lower = visible.text.lowercased()
        for (signal, marker) in Self.markers where lower.contains(marker) { signals.insert(signal) }
        let words = WordList.words(lower)
        for (signal, phrase) in Self.phrases {
            if WordList([phrase])?.first(in: lower) != nil { signals.insert(signal) }
        }
        for pair in Self.pairs where Self.has(pair, words) { signals.insert(pair.signal) }
        if Self.takesDataOut(lower) { signals.insert(.exfiltration) }
        if Self.hasLongCode(lower) { signals.insert(.encoded) }
        self.signals = signals
    }

    private static func has(
        _ pair: (signal: Signal, verbs: Set<String>, objects: Set<String>, distance: Int), _ words: [String]
    ) -> Bool {
        words.indices.contains { index in
            guard pair.verbs.contains(words[index]) else { return false }
            let window = words[(index + 1)..<min(words.count, index + 1 + pair.distance)]
            guard window.contains(where: pair.objects.contains) else { return false }
            return qualifiers[pair.signal].map { window.contains(where: $0.contains) } ?? true
        }
    }

    /// Tags (U+E0000 block), zero width, direction marks and soft hyphens are taken out, so that they cannot split a
    /// word. One joiner or direction mark is ordinary in many scripts and emoji; tags and a handful never are.
    private static func visible(_ text: String) -> (text: String, hadHidden: Bool) {
        var kept = String.UnicodeScalarView()
        var tags = 0, others = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xE0000...0xE007F: tags += 1
            case 0x200B, 0x2060...0x2064, 0x00AD, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: others += 1
            default: kept.append(scalar)
            }
        }
        return (String(kept), tags > 0 || others > 4)
    }

    /// A Markdown picture whose address has a query: showing it sends the query to whoever owns the host.
    private static func takesDataOut(_ text: String) -> Bool {
        text.split(separator: "![").dropFirst().contains { rest in
            guard let open = rest.firstIndex(of: "("), let close = rest[open...].firstIndex(of: ")") else {
                return false
            }
            let address = rest[open..<close]
            return address.contains("http") && address.contains("?") && address.contains("=")
        }
    }

    private static func hasLongCode(_ text: String) -> Bool {
        var length = 0
        for byte in text.utf8 {
            let isCode = PersonalData.isAlphanumeric(byte) || byte == 43 || byte == 47 || byte == 61
            length = isCode ? length + 1 : 0
            if length >= 200 { return true }
        }
        return false
    }
}
