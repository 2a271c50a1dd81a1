import CBureau
import Dispatch
import FoundationEssentials
import PluginKit

/// The C tables of ``FakeHost``. Each function finds its host behind `impl`, copies its arguments, and hands over.
enum FakeTables {
    private static func size<Table>(_: Table.Type) -> UInt32 { UInt32(MemoryLayout<Table>.size) }

    static var host: bureau_host {
        bureau_host(
            struct_size: size(bureau_host.self), abi_major: UInt16(BUREAU_ABI_MAJOR),
            abi_minor: UInt16(BUREAU_ABI_MINOR), impl: nil,
            get_extension: { host, id in
                guard let owner = owner(host) else { return nil }
                return owner.offered(id.copy) ? FakeTables.tables[id.copy] : nil
            },
            arena_alloc: { owner($0)?.allocate($1, size: $2, alignment: $3) },
            emit: { owner($0)?.emit($1, kind: $2, $3.copy) ?? BUREAU_E_INVALID },
            complete: { host, call, status, result, message in
                let failure = TaskFailure(FailureStatus(rawValue: status), message.copy)
                return owner(host)?.complete(call, status == BUREAU_OK ? .success(result.copy) : .failure(failure))
                    ?? BUREAU_E_INVALID
            },
            is_cancelled: { owner($0)?.isCancelled($1) == false ? 0 : 1 },
            wake: { host, token in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                owner.lane.async { if let plugin = owner.plugin { plugin.pointee.on_wake?(plugin, token) } }
                return BUREAU_OK
            })
    }

    /// Immortal, written once: safe to read from anywhere.
    nonisolated(unsafe) private static let tables: [String: UnsafeRawPointer] = [
        BUREAU_HOST_OPERATION: raw(operation), BUREAU_HOST_STEP: raw(step), BUREAU_HOST_MODEL: raw(model),
        BUREAU_HOST_TOOL: raw(tool), BUREAU_HOST_HTTP: raw(http), BUREAU_HOST_STATE: raw(state),
        BUREAU_HOST_ARTIFACT: raw(artifact), BUREAU_HOST_CHILD: raw(child), BUREAU_HOST_APPROVAL: raw(approval),
        BUREAU_HOST_TIMER: raw(timer), BUREAU_HOST_CLOCK: raw(clock), BUREAU_HOST_RANDOM: raw(random),
        BUREAU_HOST_BUDGET: raw(budget), BUREAU_HOST_AUDIT: raw(audit), BUREAU_HOST_MESSAGE: raw(message),
        BUREAU_HOST_LOG: raw(log), BUREAU_HOST_LANE_CHECK: raw(laneCheck),
    ]

    private static func raw<Table>(_ table: Table) -> UnsafeRawPointer {
        UnsafeRawPointer(ImmortalTable(table).pointer)
    }

    private static var operation: bureau_host_operation {
        bureau_host_operation(
            struct_size: size(bureau_host_operation.self), reserved: 0,
            cancel: { owner($0)?.cancelOperation($1) ?? BUREAU_E_INVALID },
            grant: { owner($0)?.grant($1, chunks: $2) ?? BUREAU_E_INVALID })
    }

    private static var step: bureau_host_step {
        bureau_host_step(
            struct_size: size(bureau_host_step.self), reserved: 0,
            begin: { host, call, step, shape, out in
                let effect = FakeEffect("step", [.bytes("depends_on", shape.copy)]) { _ in .cancelled }
                return owner(host)?.start(call, step, out, effect) ?? BUREAU_E_INVALID
            },
            record: { host, call, ticket, token, status, result, message, out in
                let failure = TaskFailure(FailureStatus(rawValue: status), message.copy)
                return owner(host)?.record(
                    call, ticket: ticket, token: token,
                    status == BUREAU_OK ? .success(result.copy) : .failure(failure), out) ?? BUREAU_E_INVALID
            })
    }

    private static var model: bureau_host_model {
        bureau_host_model(
            struct_size: size(bureau_host_model.self), reserved: 0,
            start: { host, call, step, request, out in
                guard let owner = owner(host), let request else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.modelEffect(request.pointee))
            })
    }

    private static var tool: bureau_host_tool {
        bureau_host_tool(
            struct_size: size(bureau_host_tool.self), reserved: 0,
            call: { host, call, step, tool, arguments, _, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.toolEffect(tool.copy, arguments.copy))
            })
    }

    private static var http: bureau_host_http {
        bureau_host_http(
            struct_size: size(bureau_host_http.self), reserved: 0,
            fetch: { host, call, step, request, out in
                guard let owner = owner(host), let request else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.httpEffect(request.pointee))
            })
    }

    private static var state: bureau_host_state {
        bureau_host_state(
            struct_size: size(bureau_host_state.self), reserved: 0,
            get: { host, call, step, key, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.stateGetEffect(key.copy))
            },
            put: { host, call, step, key, value, expected, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.statePutEffect(key.copy, value.copy, expected))
            },
            remove: { host, call, step, key, expected, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.statePutEffect(key.copy, nil, expected))
            },
            list: { host, call, step, prefix, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.stateListEffect(prefix.copy))
            })
    }

    private static var artifact: bureau_host_artifact {
        bureau_host_artifact(
            struct_size: size(bureau_host_artifact.self), reserved: 0,
            put: { host, call, step, name, mediaType, bytes, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.artifactPutEffect(name.copy, mediaType.copy, bytes.copy))
            },
            get: { host, call, step, digest, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.artifactGetEffect(digest.copy))
            })
    }

    private static var child: bureau_host_child {
        bureau_host_child(
            struct_size: size(bureau_host_child.self), reserved: 0,
            run: { host, call, step, department, task, input, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.childEffect(department.copy, task.copy, input.copy))
            },
            plan: { host, call, step, plan, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.planEffect(plan.copy))
            })
    }

    private static var approval: bureau_host_approval {
        bureau_host_approval(
            struct_size: size(bureau_host_approval.self), reserved: 0,
            request: { host, call, step, request, out in
                guard let owner = owner(host), let request else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.approvalEffect(request.pointee))
            })
    }

    private static var timer: bureau_host_timer {
        bureau_host_timer(
            struct_size: size(bureau_host_timer.self), reserved: 0,
            sleep: { host, call, step, delay, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.sleepEffect(milliseconds: delay))
            })
    }

    private static var clock: bureau_host_clock {
        bureau_host_clock(
            struct_size: size(bureau_host_clock.self), reserved: 0,
            now: { host, call, step, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.nowEffect())
            })
    }

    private static var random: bureau_host_random {
        bureau_host_random(
            struct_size: size(bureau_host_random.self), reserved: 0,
            bytes: { host, call, step, count, out in
                guard let owner = owner(host), (1...4_096).contains(count) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.randomEffect(count: Int(count)))
            })
    }

    private static var budget: bureau_host_budget {
        bureau_host_budget(
            struct_size: size(bureau_host_budget.self), reserved: 0,
            remaining: { host, call, step, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.budgetRemainingEffect())
            },
            reserve: { host, call, step, amount, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.budgetReserveEffect(amount))
            },
            release: { host, call, step, ticket, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.budgetReleaseEffect(ticket))
            })
    }

    private static var audit: bureau_host_audit {
        bureau_host_audit(
            struct_size: size(bureau_host_audit.self), reserved: 0,
            note: { host, call, step, type, json, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(call, step, out, owner.auditEffect(type.copy, json.copy))
            })
    }

    private static var message: bureau_host_message {
        bureau_host_message(
            struct_size: size(bureau_host_message.self), reserved: 0,
            send: { host, call, step, department, type, payload, out in
                guard let owner = owner(host) else { return BUREAU_E_INVALID }
                return owner.start(
                    call, step, out, owner.messageEffect(department.copy, type.copy, payload.copy))
            })
    }

    private static var log: bureau_host_log {
        bureau_host_log(
            struct_size: size(bureau_host_log.self), reserved: 0,
            enabled: { _, _ in 1 },
            write: { host, _, level, text in owner(host)?.log(level, text.copy) })
    }

    private static var laneCheck: bureau_host_lane_check {
        bureau_host_lane_check(
            struct_size: size(bureau_host_lane_check.self), reserved: 0,
            on_lane: { owner($0)?.isOnLane == true ? 1 : 0 })
    }
}

/// Outside the type: a C function captures nothing, not even `self`.
private func owner(_ host: UnsafePointer<bureau_host>?) -> FakeHost? {
    host?.pointee.impl.map { Unmanaged<FakeHost>.fromOpaque($0).takeUnretainedValue() }
}
