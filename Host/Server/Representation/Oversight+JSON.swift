package import Journal
package import Kernel

extension LegalHold {
    package var json: JSONValue {
        [
            "name": .string(name), "keeps": .string(target.description), "reason": .string(reason),
            "by": .string(by), "at": .string(at.timestamp),
        ]
    }
}

extension RunClassRecord {
    package var json: JSONValue {
        [
            "run": .string(run.description), "classification": .string(sensitivity.rawValue),
            "before": .string(before.rawValue), "reasons": .array(reasons.map { .string($0) }),
            "by": .init(decidedBy), "note": .init(note), "at": .string(at.timestamp),
            "handling": sensitivity.controls.json,
        ]
    }
}

extension ComplianceEvidence {
    /// The eight scores, with what they were made from.
    package var assessmentJSON: JSONValue {
        [
            "made_at": .string(settings.now.timestamp), "log_size": .integer(tally.leaves),
            "scores": assessment.json, "dates": dates.json(today: today),
        ]
    }
}
