/// Several plugins in one worker process: less memory and fewer processes, and one fate.
extension Placement {
    package static let maximumGroupMembers = WorkerGroup.maximumMembers

    /// Loads the plugins into one worker, and waits until each is ready or refused. One that is refused does not keep
    /// the others from it.
    ///
    /// - Parameter limits: each member's own; the process gets their sum.
    /// - Returns: in the order of `members`.
    package func place(
        group name: String, _ members: [(plugin: InspectedPlugin, limits: WorkerLimits)]
    ) async -> [Result<any PlacedPlugin, PlacementError>] {
        let refusals = Self.refusals(members.map(\.plugin.descriptor), name)
        let admitted = members.indices.filter { refusals[$0] == nil }
        let group = WorkerGroup(
            members: admitted.map {
                WorkerGroup.Member(id: members[$0].plugin.descriptor.id, file: members[$0].plugin.file.sealed)
            },
            limits: WorkerLimits(sumOf: admitted.map { members[$0].limits }, settings), pool: pool,
            supervisor: supervisor)
        var results = refusals.map { refusal in
            Result<any PlacedPlugin, PlacementError>.failure(refusal ?? PlacementError(.loadFailed, "not started"))
        }
        await withTaskGroup(of: Started.self) { tasks in
            for (seat, index) in admitted.enumerated() {
                let plugin = HostedPlugin(
                    descriptor: members[index].plugin.descriptor, kind: .group(name),
                    launcher: GroupLauncher(group: group, member: seat), settings: settings, supervisor: supervisor)
                tasks.addTask { await Started(index, plugin) }
            }
            for await started in tasks { results[started.index] = started.result }
        }
        return results
    }

    private struct Started: Sendable {
        let index: Int
        let result: Result<any PlacedPlugin, PlacementError>

        init(_ index: Int, _ plugin: HostedPlugin) async {
            self.index = index
            do throws(PlacementError) {
                try await plugin.start()
                result = .success(plugin)
            } catch {
                await plugin.shutdown()
                result = .failure(error)
            }
        }
    }

    /// Why a plugin cannot be in this group, by place: there is no room, or another Swift plugin needs another runtime.
    private static func refusals(_ members: [PluginDescriptor], _ name: String) -> [PlacementError?] {
        let toolchain = members.map(\.toolchain).first { $0.hasPrefix("swift-") }
        return members.enumerated().map { place, member in
            if place >= maximumGroupMembers {
                return PlacementError(
                    .loadFailed, "\(member.id): group \(name) is full, with \(maximumGroupMembers) plugins")
            }
            guard let toolchain, member.toolchain.hasPrefix("swift-"), member.toolchain != toolchain else { return nil }
            return PlacementError(
                .loadFailed,
                "\(member.id) was built with \(member.toolchain), others of group \(name) with \(toolchain): "
                    + "place it in a worker")
        }
    }
}

extension WorkerLimits {
    /// What all may use together; a member without a limit of its own counts with that of the settings.
    init(sumOf limits: [WorkerLimits], _ settings: PlacementSettings) {
        var memory: UInt64 = 0
        var seconds: UInt64? = 0
        for limit in limits {
            memory = memory.saturatingSum(limit.memoryBytes ?? settings.memoryBytes)
            let own = limit.cpuSeconds ?? settings.cpuSeconds
            seconds = seconds.flatMap { sum in own.map(sum.saturatingSum) }
        }
        self.init(memoryBytes: memory, cpuSeconds: seconds)
    }
}

extension UInt64 {
    fileprivate func saturatingSum(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
