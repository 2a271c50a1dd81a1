import Kernel

/// What each leaf says, as one pure function of the row's facts. The operations append it when they write the row;
/// the cross-check computes it again from the row as it stands and compares.
///
/// Long or secret content stands in a leaf only as its SHA-256.
enum AuditLeaves {
    // MARK: Runs

    /// Facts of a run that never change, and its first state.
    static func runAdmitted(_ row: RunRow) -> LeafContent {
        let run = row.record
        return LeafContent(
            "run.admitted",
            [
                "run": id(run.id), "number": number(run.number), "tenant": text(run.tenant),
                "department": text(run.task.department), "task": text(run.task.task), "agent": text(run.agent),
                "priority": number(Int64(run.priority)), "input": digest(run.input),
                "key": run.idempotencyKey.map(text), "root": id(run.root), "parent": run.parent.map(id),
                "parent_step": run.parentSequence.map { number(Int64($0)) }, "budget": run.budget.map(money),
                "created_at_ms": time(run.createdAt), "forked_from": run.forkedFrom.map { id($0.run) },
                "forked_step": run.forkedFrom.map { number(Int64($0.step)) }, "user": run.user.map(text),
                "max_tokens": run.caps.tokens.map(number),
                "max_steps": run.caps.steps.map { number(Int64($0)) },
                "max_seconds": run.caps.seconds.map { number(Int64($0)) },
                "correlation": run.correlation.map(text), "cause": run.cause.map { number($0.position) },
                "chain": run.cause.map { number(Int64($0.chain)) },
                "queue": run.scheduling.queue == RunScheduling.defaultQueue ? nil : text(run.scheduling.queue),
                "concurrency_key": run.scheduling.key.map(text),
                "retry": run.scheduling.retry.map { digest(Array($0.json.serialized().utf8)) },
                "subject": run.subject.map { .string($0.description) },
                "reviewed": run.isReviewed ? .bool(true) : nil,
            ], now: runState(row))
    }

    /// A change of a run: what changed it, and all that can change as it stands now.
    static func runChanged(_ change: String, _ row: RunRow, reason: String? = nil) -> LeafContent {
        LeafContent(
            "run.\(change)",
            ["run": id(row.record.id), "reason": reason.map(text)], now: runState(row))
    }

    static func runState(_ row: RunRow) -> [LeafContent.Member] {
        let run = row.record
        return LeafContent.present([
            "state": .string(run.state.name), "fence": number(run.fence.value),
            "attempt": number(Int64(run.attempt)), "crashes": number(Int64(run.crashCount)),
            "owner": row.owner.map(number), "build": run.build.map { hex($0) },
            "cost": money(run.cost), "cancel": .bool(run.cancelRequested), "output": run.output.map(digest),
            "failure": run.failure.map(failure), "wake_at_ms": run.wakeAt.map(time),
            "started_at_ms": run.startedAt.map(time), "finished_at_ms": run.finishedAt.map(time),
            "start_by_ms": run.scheduling.startBy.map(time),
            "deadline_ms": run.scheduling.deadline.map(time),
            "retries": run.retries.map { digest(Array($0.serialized().utf8)) },
            "turn": run.turn.map(number), "burst_at_ms": row.burstAt.map(time),
        ])
    }

    // MARK: Steps

    /// `step.intended` while it is open, `step.finished` once it is done, failed or ambiguous.
    ///
    /// - Parameter call: of a model call that went somewhere.
    static func step(
        _ step: StepRecord, run: RunID, fence: Fence, call: ChargeDetail? = nil, sealed: [UInt8]? = nil
    ) -> LeafContent {
        LeafContent(
            step.state == .intended ? "step.intended" : "step.finished",
            [
                "run": id(run), "step": number(Int64(step.sequence)), "kind": .string(step.kind.name),
                "name": text(step.name), "occurrence": number(Int64(step.occurrence)),
                "shape": hex(step.shape), "sealed": sealed.map(digest),
                "request_bytes": step.request.map { number(Int64($0.byteCount)) }, "state": .string(step.state.name),
                "attempt": number(Int64(step.attempt)), "fence": number(fence.value),
                "result": step.result.map(result), "failure": step.failure.map(failure),
                "reference": step.reference.map { digest(Array($0.utf8)) }, "cost": money(step.cost),
                "started_at_ms": time(step.startedAt), "finished_at_ms": step.finishedAt.map(time),
                "call": call.map { AuditLeaves.call($0, step.result?.usage) },
            ])
    }

    /// What a model call went to, at which prices, and what it used. The result's digest holds the answer's own words
    /// about the same, so nothing but the leaf says it again.
    private static func call(_ charge: ChargeDetail, _ usage: TokenUsage?) -> JSONValue {
        object([
            "provider": text(charge.provider), "model": text(charge.model), "prices": text(charge.prices.description),
            "input": usage?.input.map(number), "cached_read": usage?.cachedRead.map(number),
            "cache_write": usage?.cacheWrite.map(number), "cache_write_1h": usage?.cacheWriteOneHour.map(number),
            "output": usage?.output.map(number), "reasoning": usage?.reasoning.map(number),
        ])
    }

    private static func result(_ result: EffectResult) -> JSONValue {
        var encoding = Encoding()
        encoding.add(Int64(bitPattern: result.value))
        encoding.add(result.text)
        encoding.add(result.data)
        encoding.add(Int64(result.usage == nil ? 0 : 1))
        if let usage = result.usage {
            encoding.add(usage.cost.value)
            for tokens in [
                usage.input, usage.cachedRead, usage.cacheWrite, usage.cacheWriteOneHour, usage.output,
                usage.reasoning,
            ] { encoding.add(tokens) }
        }
        return hex(encoding.digest)
    }

    // MARK: State, artifacts, messages

    /// `value` nil: removed.
    static func state(_ scope: StateScope, key: String, value: [UInt8]?, revision: Int64) -> LeafContent {
        LeafContent(
            value == nil ? "state.remove" : "state.put",
            [
                "tenant": text(scope.tenant), "department": text(scope.department), "agent": text(scope.agent),
                "key": digest(Array(key.utf8)), "value": value.map(digest), "revision": number(revision),
            ])
    }

    static func artifact(_ artifact: ArtifactRecord, number: Int64) -> LeafContent {
        LeafContent(
            "artifact.put",
            [
                "number": self.number(number), "run": id(artifact.run), "name": text(artifact.name),
                "media_type": text(artifact.mediaType), "digest": hex(artifact.digest),
                "bytes": self.number(Int64(artifact.byteCount)), "at_ms": time(artifact.createdAt),
            ])
    }

    // MARK: People

    static func grant(_ record: GrantRecord) -> LeafContent {
        let grant = record.grant
        return LeafContent(
            record.isRevoked ? "department.revoked" : "department.granted",
            [
                "grant": number(record.number), "revoked": .bool(record.isRevoked),
                "department": text(grant.department), "plugin": text(grant.plugin), "wishes": hex(grant.asked.digest),
                "granted": text(grant.granted.json.serialized()), "origin": .string(grant.origin.rawValue),
                "by": text(grant.by), "at_ms": time(record.at),
            ])
    }

    static func department(_ department: DepartmentRecord) -> LeafContent {
        LeafContent(
            "department.set",
            [
                "department": text(department.name), "enabled": .bool(department.enabled),
                "placement": text(department.placement),
            ])
    }

    static func tool(_ tool: ToolBindingRecord, isBound: Bool) -> LeafContent {
        LeafContent(
            isBound ? "tool.bound" : "tool.unbound",
            [
                "tool": text(tool.name), "bound": .bool(isBound), "path": text(tool.path), "digest": hex(tool.digest),
                "signature": text(tool.signature), "summary": text(tool.summary),
                "side_effects": .bool(tool.hasSideEffects), "follow_upgrades": .bool(tool.followsUpgrades),
                "timeout_ms": number(tool.timeoutMilliseconds), "bound_at_ms": time(tool.boundAt),
            ])
    }
}

// MARK: - Values that fit the profile

extension AuditLeaves {
    /// Longer text stands in a leaf as its digest.
    static let maximumTextBytes = 200

    static func text(_ text: String) -> JSONValue {
        let fits = text.utf8.count <= maximumTextBytes && !text.utf8.contains(0) && !text.hasPrefix("sha256:")
        return .string(fits ? text : "sha256:" + Digest.sha256(text.utf8).hex)
    }

    /// Beyond 2^53 − 1 a number is written as text.
    static func number(_ number: Int64) -> JSONValue {
        number.magnitude <= UInt64(CanonicalJSON.maximumInteger) ? .integer(number) : .string(String(number))
    }

    static func money(_ amount: Nanodollars) -> JSONValue { number(amount.value) }
    static func time(_ instant: Instant) -> JSONValue { number(instant.unixMilliseconds) }
    static func digest(_ bytes: [UInt8]) -> JSONValue { hex(Digest.sha256(bytes)) }
    static func hex(_ digest: Digest) -> JSONValue { .string(spell(digest.bytes, groups: [32])) }
    /// As ``RunID/description``.
    static func id(_ run: RunID) -> JSONValue { .string(spell(run.bytes, groups: [4, 2, 2, 2, 6])) }

    /// Lower-case hexadecimal with a hyphen between groups of bytes, in one allocation: every leaf has some.
    private static func spell(_ bytes: [UInt8], groups: [Int]) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count + groups.count - 1) { text in
            var next = 0, count = 0
            for group in groups {
                if count > 0 {
                    text[count] = UInt8(ascii: "-")
                    count += 1
                }
                for byte in bytes[next..<next + group] {
                    text[count] = hexDigit(byte >> 4)
                    text[count + 1] = hexDigit(byte & 15)
                    count += 2
                }
                next += group
            }
            return count
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    static func failure(_ failure: Failure) -> JSONValue {
        object([
            "status": number(Int64(failure.status.rawValue)), "message": digest(Array(failure.message.utf8)),
        ])
    }

    private static func object(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }
}
