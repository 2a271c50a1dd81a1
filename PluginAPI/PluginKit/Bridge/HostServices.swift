package import CBureau

/// The host's table and its extensions, looked up once at setup.
///
/// @unchecked: the pointers are to tables that the host keeps unchanged until `destroy` returns, and every function
/// reached through them is tagged [any], except `arena_alloc`, which is not used here.
package struct HostServices: @unchecked Sendable {
    let host: UnsafePointer<bureau_host>
    let operation: UnsafePointer<bureau_host_operation>?
    let step: UnsafePointer<bureau_host_step>?
    let model: UnsafePointer<bureau_host_model>?
    let tool: UnsafePointer<bureau_host_tool>?
    let http: UnsafePointer<bureau_host_http>?
    let state: UnsafePointer<bureau_host_state>?
    let artifact: UnsafePointer<bureau_host_artifact>?
    let child: UnsafePointer<bureau_host_child>?
    let approval: UnsafePointer<bureau_host_approval>?
    let timer: UnsafePointer<bureau_host_timer>?
    let clock: UnsafePointer<bureau_host_clock>?
    let random: UnsafePointer<bureau_host_random>?
    let budget: UnsafePointer<bureau_host_budget>?
    let audit: UnsafePointer<bureau_host_audit>?
    let message: UnsafePointer<bureau_host_message>?
    let log: UnsafePointer<bureau_host_log>?

    package init(_ host: UnsafePointer<bureau_host>) {
        self.host = host
        func table<Table>(_ id: String) -> UnsafePointer<Table>? {
            guard let raw = withBorrowed(id, { host.pointee.get_extension?(host, $0) ?? nil }) else { return nil }
            // Every extension table starts with its size; one that is shorter than revision 1 is no revision 1.
            let size = raw.assumingMemoryBound(to: UInt32.self).pointee
            return size >= MemoryLayout<Table>.size ? raw.assumingMemoryBound(to: Table.self) : nil
        }
        operation = table(BUREAU_HOST_OPERATION)
        step = table(BUREAU_HOST_STEP)
        model = table(BUREAU_HOST_MODEL)
        tool = table(BUREAU_HOST_TOOL)
        http = table(BUREAU_HOST_HTTP)
        state = table(BUREAU_HOST_STATE)
        artifact = table(BUREAU_HOST_ARTIFACT)
        child = table(BUREAU_HOST_CHILD)
        approval = table(BUREAU_HOST_APPROVAL)
        timer = table(BUREAU_HOST_TIMER)
        clock = table(BUREAU_HOST_CLOCK)
        random = table(BUREAU_HOST_RANDOM)
        budget = table(BUREAU_HOST_BUDGET)
        audit = table(BUREAU_HOST_AUDIT)
        message = table(BUREAU_HOST_MESSAGE)
        log = table(BUREAU_HOST_LOG)
    }

    func write(_ level: LogLevel, _ text: String, call: bureau_call) {
        guard let log, log.pointee.enabled?(host, level.rawValue) != 0 else { return }
        withBorrowed(text) { log.pointee.write?(host, call, level.rawValue, $0) }
    }
}
