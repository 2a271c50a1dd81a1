extension Acts {
    private static let notReady = "did not describe itself within 10000 ms"

    private static func born(
        _ name: String, _ what: String, _ status: String, _ message: String, _ defines: String...
    ) -> Act {
        var act = Act.fails("births", name, what, status, message).forGood
        act.defines = defines
        return act
    }

    static let births: [Act] = [
        .refused("entry_null", "has an entry function that returns null", "returned null", "AT_ENTRY=return NULL"),
        .refused("entry_crashes", "crashes in its entry function", "SIGSEGV", "AT_ENTRY=CRASH"),
        .refused("entry_exits", "exits in its entry function", "code 0", "AT_ENTRY=exit(0)"),
        .refused("entry_loops", "never returns from its entry function", notReady, "AT_ENTRY=LOOP_FOR_EVER"),
        .refused("entry_small", "says that its descriptor has 0 bytes", "struct_size is 0", entry("struct_size = 0")),
        .refused("entry_major", "has another ABI", "ABI major 2", entry("abi_major = 2")),
        .refused("entry_minor", "needs a newer host", "needs a host with ABI", entry("min_host_minor = 65535")),
        .refused("entry_no_id", "has no id", "id is missing", entry("id.ptr = NULL")),
        .refused("entry_long_id", "has an id of 2^60 bytes", "at most 256", entry("id.len = 1ull << 60")),
        .refused(
            "entry_wild_manifest", "has a manifest where no memory is", "SIGSEGV",
            entry("manifest_json.ptr = (void *)16")),
        .refused("entry_no_create", "has no create", "create is null", entry("create = NULL")),
        .refused("manifest_text", "has a manifest that is no JSON", "manifest", entry(#"manifest_json = BYTES("hi")"#)),
        .refused(
            "manifest_huge", "has a manifest of 2 MiB", "at most 1048576",
            entry(#"manifest_json = repeated("", ' ', 2 << 20)"#)),
        .refused(
            "manifest_deep", "has a manifest of 1,000,000 nested arrays", "manifest",
            entry(#"manifest_json = repeated("", '[', 1000000)"#)),
        .refused(
            "manifest_name", "has a department that is a path", "department",
            #"MANIFEST="{\"manifest_version\":1,\"department\":\"../x\",\"title\":\"\",\"summary\":\"\",\"tasks\":[]}""#
        ),
        .refused("load_crashes", "crashes while it is loaded", "SIGSEGV", "AT_LOAD=CRASH"),
        .refused("load_exits", "exits while it is loaded", "code 3", "AT_LOAD=exit(3)"),
        .refused("load_loops", "computes for ever while it is loaded", notReady, "AT_LOAD=LOOP_FOR_EVER"),
        .refused("load_stops", "stops its process while it is loaded", notReady, "AT_LOAD=raise(SIGSTOP)"),
        born(
            "create_null", "creates nothing", "unsupported", "without an instance",
            "CHANGE_INSTANCE=*out = NULL"),
        born(
            "create_fails", "fails to create", "unsupported", "create returned status -10",
            "AT_CREATE=return BUREAU_E_IO"),
        born("create_crashes", "crashes in create", "unsupported", "SIGSEGV", "AT_CREATE=CRASH"),
        born(
            "create_calls_host", "calls the host in create", "unsupported", "may be called from setup on",
            "AT_CREATE=host->wake(host,1)"),
        born(
            "instance_small", "says that its instance has 0 bytes", "unsupported", "struct_size is 0",
            "CHANGE_INSTANCE=instance->struct_size = 0"),
        born(
            "instance_no_begin", "has an instance without begin", "unsupported", "begin is null",
            "CHANGE_INSTANCE=instance->begin = NULL"),
        born(
            "instance_wild", "has an instance where no memory is", "unsupported", "SIGSEGV",
            "CHANGE_INSTANCE=*out = (void *)16"),
        born(
            "setup_fails", "fails in setup", "unsupported", "setup returned status -10",
            "AT_SETUP=return BUREAU_E_IO"),
        born("setup_crashes", "crashes in setup", "unsupported", "SIGSEGV", "AT_SETUP=CRASH"),
        born("setup_exits", "exits in setup", "unsupported", "code 0", "AT_SETUP=exit(0)"),
        born("setup_hangs", "never returns from setup", "unsupported", "within 10000 ms", "AT_SETUP=LOOP_FOR_EVER"),
        born(
            "call_after_destroy", "calls the host after destroy", "unsupported", "setup returned status -10",
            "AT_SETUP=return call_host_from_thread(self->host), BUREAU_E_IO"
        ).breakingRule,
        destroyed("destroy_crashes", "crashes in destroy", "CRASH"),
        destroyed("destroy_exits", "exits in destroy", "exit(0)"),
        destroyed("destroy_is_slow", "takes two seconds to destroy", "sleep_milliseconds(2000)"),
        destroyed("destroy_loops", "never returns from destroy", "LOOP_FOR_EVER"),
    ]

    private static func entry(_ change: String) -> String { "CHANGE_ENTRY=entry." + change }

    private static func destroyed(_ name: String, _ what: String, _ code: String) -> Act {
        Act(name: name, source: "births", what: what, defines: ["AT_DESTROY=" + code], outcome: .reloaded)
            .by(.reload)
    }
}
