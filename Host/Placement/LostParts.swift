import Kernel

/// All that waited for a link that is gone, taken out under the lock and told outside of it.
struct LostParts {
    private(set) var calls: [CallTable.Call]
    private var creations: [CheckedContinuation<Result<InstanceID, PlacementError>, Never>] = []
    private var asked: [QuestionTable.Waiter]
    private var leavers: [CheckedContinuation<Void, Never>]
    private var starters: [CheckedContinuation<Result<Void, PlacementError>, Never>]

    init(taking state: inout HostedPlugin.State) {
        calls = state.calls.closeAll()
        for id in state.instances.ids {
            // An instance that never came up is nobody's: its creator hears why.
            guard let waiter = state.instances[id]?.waiter else { continue }
            creations.append(waiter)
            _ = state.instances.remove(id)
        }
        asked = state.questions.takeAll()
        leavers = Array(state.leaving.values)
        starters = state.startWaiters
        (state.leaving, state.startWaiters, state.backlog, state.backlogBytes) = ([:], [], [], 0)
    }

    func report(_ loss: PluginLoss, _ blaming: Blaming) {
        let code: PlacementError.Code =
            switch loss.cause {
            case .startFailed: .loadFailed
            case .notConfined: .notConfined
            default: .createFailed
            }
        for call in calls {
            var own = loss
            own.blame = blaming.blame(of: call.id)
            call.sink(.lost(own))
        }
        for waiter in creations { waiter.resume(returning: .failure(PlacementError(code, loss.description))) }
        for waiter in asked { waiter.resume(returning: .failure(PlacementError(.lost, loss.description))) }
        for waiter in leavers { waiter.resume() }
        let startCode = code == .createFailed ? .loadFailed : code
        for waiter in starters { waiter.resume(returning: .failure(PlacementError(startCode, loss.description))) }
    }
}
