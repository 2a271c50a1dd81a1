/// All hostile acts. Each host of the suite takes one group.
enum Acts {
    static let groups = [deaths + protocolBreaches + rules, hangs + bombs + escapes + answers, births]
    static let all = groups.flatMap { $0 }

    static let deaths: [Act] = [
        .dies("deaths", "segv", "reads where no memory is", "SIGSEGV"),
        .dies("deaths", "jump_to_null", "calls a null function", "SIGSEGV"),
        .dies("deaths", "ill", "executes an illegal instruction", "SIGILL"),
        .dies("deaths", "fpe", "raises SIGFPE", "SIGFPE"),
        .dies("deaths", "bus", "raises SIGBUS", "SIGBUS"),
        .dies("deaths", "abort_process", "calls abort", "SIGABRT"),
        .dies("deaths", "exit_zero", "calls exit(0)", "exited by itself with code 0"),
        .dies("deaths", "exit_three", "calls exit(3)", "exited by itself with code 3"),
        .dies("deaths", "exit_at_once", "calls _exit(4)", "exited by itself with code 4"),
        .dies("deaths", "kill_self", "sends itself SIGKILL", "SIGKILL"),
        .dies("deaths", "term_self", "raises SIGTERM", "SIGTERM"),
        .dies("deaths", "stack_overflow", "recurses for ever", "SIGSEGV"),
        .dies("deaths", "die_on_thread", "crashes on a thread of its own", "SIGSEGV"),
        .dies("deaths", "overflow_on_thread", "recurses for ever on a thread of its own", "SIGSEGV"),
        .dies("deaths", "free_twice", "frees memory twice", "SIGABRT"),
        .dies("deaths", "replace_handlers", "ignores all signals, and crashes", "SIGSEGV"),
        .dies("deaths", "overwrite_host_table", "overwrites the host's table, and calls it", "SIGSEGV"),
        .dies("deaths", "foreign_system_call", "makes a system call of another architecture", "SIGSYS"),
        .dies("deaths", "die_in_event", "crashes in on_event", "SIGSEGV"),
        Act(
            name: "linger_in_handler", source: "deaths", what: "waits for ever in its own signal handler",
            defines: ["TIMEOUT=1"],
            outcome: .ends("failed", .failure("deadline", "did not end its task within the deadline"))),
    ]

    static let protocolBreaches: [Act] = [
        .dies("protocol", "forge_length", "puts a frame of 4 GiB into the ring", "broke the worker protocol"),
        .dies("protocol", "forge_kind", "sends a frame that only a host sends", "broke the worker protocol"),
        .dies("protocol", "forge_other_call", "completes a call that was never begun", "which was never begun"),
        .dies("protocol", "forge_ready", "says again that it is ready", "broke the worker protocol"),
        .dies("protocol", "forge_field", "sends a field that is longer than its frame", "broke the worker protocol"),
        .fails("protocol", "forge_own_completion", "forges the end of its own call", "io", ""),
        .dies("protocol", "forge_tail", "says that more waits than the ring holds", "broke the worker protocol"),
        Act(
            name: "forge_head", source: "protocol", what: "says, and says again, that it has read what was never sent",
            defines: ["TIMEOUT=1"],
            outcome: .ends("failed", .failure("deadline", "did not end its task within the deadline"))),
        .dies("protocol", "scribble_on_ring", "scribbles on the ring while it is in use", "broke the worker protocol"),
        .dies("protocol", "write_to_socket", "writes text to the socket", "broke the worker protocol"),
        .dies("protocol", "send_descriptors", "sends a thousand descriptors", "broke the worker protocol"),
        .dies("protocol", "close_all", "closes all descriptors", "closed its connection"),
        .dies("protocol", "replace_socket", "puts its output in the socket's place", "closed its connection"),
        .answers("protocol", "shut_socket", "shuts the socket: how often it can", "0"),
        Act(
            name: "flood_bells", source: "protocol", what: "wakes the host as often as it can",
            defines: ["TIMEOUT=1"],
            outcome: .ends("failed", .failure("deadline", "did not end its task within the deadline"))),
    ]

    static let rules: [Act] = [
        .answers("rules", "complete_twice", "completes its call twice", "\"first\"").breakingRule,
        .answers("rules", "complete_by_many", "completes its call on 32 threads at once", "{}").breakingRule,
        .answers("rules", "complete_then_refuse", "completes its call, then refuses it", "{}").breakingRule,
        .fails("rules", "refuse_then_complete", "refuses its call, then completes it", "invalid", "refused the task"),
        .fails("rules", "positive_refusal", "refuses its call with status 7", "internal", "refused the task"),
        .answers("rules", "arena_off_lane", "takes arena memory on a thread of its own", "\"refused\"").breakingRule,
        .dies("rules", "arena_overrun", "writes past its arena memory", "SIGSEGV"),
        .answers("rules", "stale_handles", "uses 100,000 handles that are stale or made up: how many work", "0"),
        .answers("rules", "lying_requests", "passes requests with a false struct_size: how many are taken", "0"),
        .answers("rules", "newer_requests", "passes a request of 4 GiB, as a newer plugin might", "{}"),
        .answers("rules", "null_arguments", "passes null pointers and absurd sizes: how many are taken", "0"),
    ]

    static let hangs: [Act] = [
        .hangs("loop_in_begin", "computes for ever in begin"),
        .hangs("sleep_in_begin", "sleeps for ever in begin"),
        .hangs("never_complete", "never completes"),
        .hangs("loop_on_thread", "computes for ever on a thread of its own"),
        .hangs("deadlock", "waits for itself"),
        .hangs("stop_self", "stops its process"),
        .hangs("end_lane_thread", "ends the thread that the host calls it on"),
        .hangs("loop_in_event", "computes for ever in on_event"),
        Act(
            name: "ignore_cancel", source: "hangs", what: "ignores a cancel",
            outcome: .ends("cancelled", .failure("cancelled", "did not end its task within the deadline"))
        ).by(.cancel),
        .answers("hangs", "complete_in_cancel", "completes when it is cancelled", "{}").by(.cancel),
        Act(
            name: "die_in_cancel", source: "hangs", what: "crashes when it is cancelled",
            outcome: .ends("cancelled", .failure("cancelled", "SIGABRT"))
        ).by(.cancel),
        Act(
            name: "loop_in_cancel", source: "hangs", what: "computes for ever when it is cancelled",
            outcome: .ends("cancelled", .failure("cancelled", "did not end its task within the deadline"))
        ).by(.cancel),
    ]

    static let bombs: [Act] = [
        .answers("bombs", "fork_bomb", "forks a thousand times: how many succeed", "0").holdingLane,
        .answers("bombs", "thread_bomb", "starts threads until it cannot", "\"bounded\"").holdingLane,
        .answers("bombs", "memory_bomb", "takes memory until it gets none, past a grant of 64 MiB", "\"bounded\"")
            .with(memory),
        .dies("bombs", "memory_bomb_unchecked", "does not look whether it got memory", "SIGSEGV").with(memory),
        .answers("bombs", "mapping_bomb", "maps memory until it gets none", "\"bounded\"").with(memory),
        .dies("bombs", "processor_bomb", "computes past a grant of one second", "SIGXCPU")
            .with(#"WANTS=",\"cpu_seconds\":1""#),
        .answers("bombs", "descriptor_bomb", "opens descriptors until it cannot", "\"bounded\"").holdingLane,
        .answers("bombs", "arena_bomb", "takes arena memory until it gets none", "\"bounded\"").holdingLane,
        .answers("bombs", "wake_flood", "asks for a million wakes", "\"bounded\"").holdingLane,
        .answers("bombs", "emit_flood", "emits 200,000 pieces", "\"bounded\"").holdingLane,
        .answers("bombs", "log_flood", "writes 200,000 log lines", "{}").holdingLane,
        .answers("bombs", "print_flood", "prints 100 MB", "{}").holdingLane,
        .answers("bombs", "print_forgery", "prints and logs lines that forge others and command a terminal", "{}"),
        .answers("bombs", "operation_flood", "starts operations and waits for none", "\"bounded\"").holdingLane,
        .fails(
            "bombs", "million_operations", "starts one operation after the other", "too_large",
            "a run has at most 10000 steps"),
        .fails(
            "bombs", "overspend", "reserves a thousand dollars of a budget of two", "budget", "2 of 1000 granted"
        ).by(.budget("2")),
    ]
    private static let memory = #"WANTS=",\"memory_bytes\":67108864""#

    static let escapes: [Act] = [
        .answers("escapes", "open_sockets", "opens sockets of all kinds", "\"\""),
        .answers("escapes", "sockets_in_constructor", "opens sockets while it is loaded", "\"\""),
        .answers("escapes", "read_files", "reads /etc/shadow, and other files", "\"\""),
        .answers("escapes", "write_files", "writes, makes, removes and opens up files", "\"\""),
        .answers("escapes", "execute", "executes programs", "\"\""),
        .answers("escapes", "trace_parent", "traces its parent, and reads its memory", "\"\""),
        .answers("escapes", "kill_parent", "kills its parent, and all others", "\"\""),
        .answers("escapes", "executable_memory", "makes memory that can be written and executed", "\"\""),
        .answers("escapes", "other_rights", "takes another user, namespace, mount and limits", "\"\""),
        .answers("escapes", "kernel_surface", "uses io_uring, bpf, perf, keys and a terminal", "\"\""),
    ]
}
