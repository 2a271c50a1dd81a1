import CProbe
import Kernel
import Placement

/// State that one generation hands to the next (`bureau.plugin.state/1`).
enum StateRules {
    static let all: [Rule] = [
        Rule(
            "state-save-repeatable", .state, needs: .instance,
            "Two saves without work in between write the same bytes.", source: "plugin_state.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, instance, saved in
                try conversation.save(instance)?.bytes == saved.bytes ? .kept : .broken("the second save differs")
            }
        },
        Rule(
            "state-round-trip", .state, needs: .instance,
            "A new instance that loads what another saved saves the same bytes.", source: "plugin_state.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, _, saved in
                let next = try conversation.instance(slot: 2)
                let status = try conversation.load(saved.bytes, version: saved.version, into: next)
                guard status == 0 else { return .broken("load answered \(Status(rawValue: status).name)") }
                guard let again = try conversation.save(next), again.bytes == saved.bytes else {
                    return .broken("it saved other bytes than it had loaded")
                }
                return .kept
            }
        },
        Rule(
            "state-short-writes", .state, needs: .instance,
            "save loops until everything is written: a write may take less than it was offered.", source: "stream.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, instance, saved in
                for pieces: UInt64 in [1, 7, 4093] {
                    guard try conversation.save(instance, pieces: pieces)?.bytes == saved.bytes else {
                        return .broken("written \(pieces) bytes at a time, the state differs")
                    }
                }
                return .kept
            }
        },
        Rule(
            "state-short-reads", .state, needs: .instance,
            "load loops until the end: a read may give less than there was room for.", source: "stream.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, _, saved in
                for (slot, pieces) in zip(2..., [1, 7, 4093] as [UInt64]) {
                    let next = try conversation.instance(slot: UInt64(slot))
                    let status = try conversation.load(saved.bytes, version: saved.version, into: next, pieces: pieces)
                    guard status == 0, try conversation.save(next)?.bytes == saved.bytes else {
                        return .broken("read \(pieces) bytes at a time, the state differs or is refused")
                    }
                }
                return .kept
            }
        },
        Rule(
            "state-write-fails", .state, needs: .instance,
            "A failing write makes save fail: half a state must not look whole.", source: "stream.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, instance, saved in
                guard !saved.bytes.isEmpty else { return .skipped("its state is empty") }
                let half = UInt64(saved.bytes.count / 2)
                let answer = try conversation.save(instance, pieces: max(1, half), failingAt: half)
                return answer?.status ?? 0 < 0 ? .kept : .broken("save answered ok after a write had failed")
            }
        },
        Rule(
            "state-read-fails", .state, needs: .instance,
            "A failing read makes load fail.", source: "stream.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, _, saved in
                let next = try conversation.instance(slot: 2)
                let status = try conversation.load(saved.bytes, version: saved.version, into: next, failingAt: 0)
                return status < 0 ? .kept : .broken("load answered ok after a read had failed")
            }
        },
        Rule(
            "state-unknown-version", .state, needs: .instance,
            "A schema version that load cannot read is BUREAU_E_STATE_VERSION: the old generation then stays.",
            source: "plugin_state.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, _, saved in
                let next = try conversation.instance(slot: 2)
                let status = try conversation.load(saved.bytes, version: UInt64(UInt32.max), into: next)
                return status == Status.stateVersion.rawValue
                    ? .kept : .broken("it answered \(Status(rawValue: status).name)")
            }
        },
        Rule(
            "state-garbage", .state, needs: .instance,
            "Bytes that are no state, none at all, or a part of one are refused with a status or accepted; "
                + "nothing crashes.",
            source: "plugin_state.h"
        ) { subject, trial in
            try stateful(subject, trial) { conversation, _, saved in
                var random = SeededRandom(seed: trial.seed)
                var garbage: [[UInt8]] = [
                    [], Array(saved.bytes.dropLast()), [0xFF], Array(repeating: 0x7B, count: 4096),
                ]
                for length in [3, 100, 10_007, 1 << 20] {
                    garbage.append((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                }
                for bytes in garbage {
                    let next = try conversation.instance(slot: 2)
                    do {
                        _ = try conversation.load(bytes, version: saved.version, into: next)
                    } catch ProbeFailure.died(let how) {
                        throw ProbeFailure.died("\(how), while it loaded \(bytes.count) bytes")
                    }
                    try conversation.destroy(next)
                }
                return .kept
            }
        },
    ]

    /// After the tasks have run, with what the plugin then saves.
    private static func stateful(
        _ subject: Subject, _ trial: Trial,
        _ check: (Conversation, Conversation.Instance, Conversation.SavedState) throws -> Verdict
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        try subject.exercise(conversation, instance, trial)
        guard let saved = try conversation.save(instance) else { return .skipped("it has no state table") }
        guard saved.status == 0 else { return .broken("save answered \(Status(rawValue: saved.status).name)") }
        return try check(conversation, instance, saved)
    }
}
