import CProbe
import Placement

/// Loading, and the one function that a file exports.
enum EntryRules {
    private static let descriptorBytes: UInt64 = 88

    static let all: [Rule] = loading + negotiation + descriptor

    private static let loading: [Rule] = [
        Rule(
            "entry-exported", .entry, needs: .bytes, "The file exports the function bureau_plugin_entry_v1.",
            source: "entry.h"
        ) { subject, _ in
            subject.image.exports.contains(ELFFile.entrySymbol) ? .kept : .broken("it does not")
        },
        Rule(
            "entry-file-loads", .entry, needs: .file,
            "The loader accepts the file with all its symbols bound (RTLD_NOW), in a sandbox without network and "
                + "files.",
            source: "PluginAPI/README.md"
        ) { subject, trial in
            _ = try subject.loaded(trial)
            return .kept
        },
        Rule(
            "entry-starts-no-threads", .entry, needs: .file,
            "Constructors and the entry function start no thread: a file that is only looked at stays quiet.",
            source: "entry.h"
        ) { subject, trial in
            let probe = try Probe(subject.place, deadline: trial.deadline)
            try probe.measureOnly()
            let before = probe.threadCount
            try probe.loadAndAsk(subject)
            let after = probe.threadCount
            return after <= before ? .kept : .broken("\(after - before) threads are running before create")
        },
        Rule(
            "entry-opens-no-files", .entry, needs: .file,
            "Constructors and the entry function leave no descriptor open.", source: "entry.h"
        ) { subject, trial in
            let probe = try Probe(subject.place, deadline: trial.deadline)
            let before = try probe.measureOnly().files
            try probe.loadAndAsk(subject)
            // The file itself came with the first frame.
            let after = try probe.measureOnly().files - 1
            return after <= before ? .kept : .broken("\(after - before) descriptors are open before create")
        },
        Rule(
            "entry-prints-nothing", .entry, needs: .file,
            "Constructors and the entry function print nothing: their output is in nobody's context.", source: "entry.h"
        ) { subject, trial in
            let probe = try Probe(subject.place, deadline: trial.deadline)
            try probe.loadAndAsk(subject)
            let printed = try probe.finish()
            return printed.isEmpty ? .kept : .broken("it printed \(quoted(printed))")
        },
    ]

    private static let negotiation: [Rule] = [
        Rule(
            "entry-answers", .entry, needs: .file,
            "The entry function returns its descriptor to a host of its own ABI version.", source: "entry.h"
        ) { subject, trial in
            let answer = try Subject.ask(try subject.loaded(trial))
            return answer.number(PROBE_TAG_VALUE) != 0 ? .kept : .broken("it returned null")
        },
        Rule(
            "entry-static", .entry, needs: .entry,
            "The entry function returns the same static descriptor each time: a host may ask again, and keeps it.",
            source: "entry.h"
        ) { subject, trial in
            let probe = try subject.loaded(trial)
            for _ in 0..<3 where try Subject.ask(probe).number(PROBE_TAG_VALUE) == 2 {
                return .broken("the second answer is another pointer than the first")
            }
            return .kept
        },
        Rule(
            "entry-newer-minor", .entry, needs: .entry,
            "A host with a later minor version gets a descriptor: minors only add.", source: "base.h"
        ) { subject, trial in
            let answer = try Subject.ask(try subject.loaded(trial), minor: 7)
            return answer.number(PROBE_TAG_VALUE) != 0 ? .kept : .broken("it returned null to a host with ABI 1.7")
        },
        Rule(
            "entry-larger-host-info", .entry, needs: .entry,
            "A host description with more fields than the plugin knows is accepted: structs grow at their end.",
            source: "base.h"
        ) { subject, trial in
            let answer = try Subject.ask(try subject.loaded(trial), structBytes: 40 + 128)
            return answer.number(PROBE_TAG_VALUE) != 0
                ? .kept : .broken("it returned null for a struct_size of 168 instead of 40")
        },
        Rule(
            "entry-other-major", .entry, needs: .entry,
            "Asked by a host of an unknown major version, the entry function returns null or its descriptor; it "
                + "neither crashes nor hangs.",
            source: "entry.h"
        ) { subject, trial in
            _ = try Subject.ask(try subject.loaded(trial), major: 2)
            _ = try Subject.ask(try subject.loaded(trial), major: 65_535, minor: 65_535)
            return .kept
        },
    ]

    private static let descriptor: [Rule] = [
        Rule(
            "entry-struct-size", .entry, needs: .entry,
            "The descriptor's struct_size is the size that its author compiled: the host reads no further.",
            source: "base.h"
        ) { subject, _ in
            let size = subject.entry?.structBytes ?? 0
            return (descriptorBytes...4096).contains(size)
                ? .kept : .broken("struct_size is \(size), the struct of ABI 1.0 has \(descriptorBytes) bytes")
        },
        Rule(
            "entry-abi-major", .entry, needs: .entry, "The descriptor's ABI major is the one in the symbol's name.",
            source: "base.h"
        ) { subject, _ in
            let major = subject.entry?.abiMajor ?? 0
            return major == 1 ? .kept : .broken("abi_major is \(major), the symbol ends in _v1")
        },
        Rule(
            "entry-minimum-minor", .entry, needs: .entry,
            "min_host_minor is at most abi_minor: a plugin cannot need more than it was built with.", source: "entry.h"
        ) { subject, _ in
            guard let entry = subject.entry, entry.minimumHostMinor > entry.abiMinor else { return .kept }
            return .broken("min_host_minor is \(entry.minimumHostMinor), abi_minor is \(entry.abiMinor)")
        },
        Rule(
            "entry-reserved-zero", .entry, needs: .entry,
            "Reserved fields are 0, so that they can get a meaning.", source: "entry.h"
        ) { subject, _ in
            subject.entry?.reserved == 0 ? .kept : .broken("reserved or reserved2 is not 0")
        },
        Rule(
            "entry-create-set", .entry, needs: .entry, "The descriptor has a create function.", source: "entry.h"
        ) { subject, _ in
            subject.entry?.hasCreate == true ? .kept : .broken("create is null")
        },
        Rule(
            "entry-texts-utf8", .entry, needs: .entry,
            "Id, version, toolchain and manifest are valid UTF-8 and not empty.", source: "base.h"
        ) { subject, _ in
            guard let entry = subject.entry else { return .kept }
            let texts = [
                ("id", entry.id), ("version", entry.version), ("toolchain", entry.toolchain),
                ("manifest_json", entry.manifest),
            ]
            for (name, bytes) in texts {
                if bytes.isEmpty { return .broken("\(name) is empty") }
                if String(validating: bytes, as: UTF8.self) == nil { return .broken("\(name) is not valid UTF-8") }
            }
            return .kept
        },
        Rule(
            "entry-id-form", .entry, needs: .entry,
            "The id is a reverse domain name in lower case, like org.example.greeter: it is unique without a registry.",
            source: "entry.h"
        ) { subject, _ in
            let id = String(decoding: subject.entry?.id ?? [], as: UTF8.self)
            let labels = id.split(separator: ".", omittingEmptySubsequences: false)
            let isSound = labels.count >= 2 && id.utf8.count <= 256 && labels.allSatisfy(isLabel)
            return isSound ? .kept : .broken("the id is \"\(id)\"")
        },
        Rule(
            "entry-version-form", .entry, needs: .entry,
            "The version is a semantic version, like 1.4.0 or 2.0.0-beta.1: upgrades are ordered by it.",
            source: "entry.h"
        ) { subject, _ in
            let version = String(decoding: subject.entry?.version ?? [], as: UTF8.self)
            return isSemantic(version) ? .kept : .broken("the version is \"\(version)\"")
        },
        Rule(
            "entry-toolchain-form", .entry, needs: .entry,
            "The toolchain is a name with parts after semicolons, like c11 or swift-6.3.1;stdlib=dynamic: hosts "
                + "compare it.",
            source: "entry.h"
        ) { subject, _ in
            let bytes = subject.entry?.toolchain ?? []
            let isPlain = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            let startsWell = bytes.first.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) } ?? false
            return isPlain && startsWell && bytes.count <= 128
                ? .kept : .broken("the toolchain is \(quoted(bytes))")
        },
    ]

    private static func isLabel(_ label: Substring) -> Bool {
        guard let first = label.utf8.first, let last = label.utf8.last else { return false }
        let hyphen = UInt8(ascii: "-")
        return first != hyphen && last != hyphen
            && label.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == hyphen
            }
    }

    /// Semantic Versioning 2.0.0, section 2, 9 and 10.
    static func isSemantic(_ version: String) -> Bool {
        let core = version.prefix { $0 != "-" && $0 != "+" }
        let rest = version.dropFirst(core.count)
        let numbers = core.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ isNumber($0) }) else { return false }
        let parts = rest.drop { $0 == "-" }.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard !rest.isEmpty else { return true }
        return parts.allSatisfy { part in
            let isBuildOnly = part.isEmpty && rest.hasPrefix("+")
            return isBuildOnly
                || part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { identifier in
                    !identifier.isEmpty
                        && identifier.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
                }
        }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber } && (text == "0" || text.first != "0")
    }
}

/// What a plugin wrote, short and without control characters.
func quoted(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes.prefix(80), as: UTF8.self)
    let plain = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
    return "\"\(plain)\"" + (bytes.count > 80 ? "…" : "")
}

extension Probe {
    @discardableResult
    func measureOnly() throws -> Measure {
        try send(FrameWriter(kind: PROBE_MEASURE))
        return Measure(try accepted(PROBE_MEASURED, "a measure"), threads: threadCount)
    }

    func loadAndAsk(_ subject: Subject) throws {
        _ = try load(subject.file, flags: [])
        _ = try Subject.ask(self)
    }
}
