extension Acts {
    private static let brokenOutput = "returned output that breaks its own schema"

    static let answers: [Act] = [
        .fails("answers", "huge_result", "returns 17 MiB", "too_large", "complete refused 17 MiB").breakingRule,
        .fails("answers", "huge_message", "fails with a message of 17 MiB", "too_large", "complete refused 17 MiB")
            .breakingRule,
        .fails("answers", "long_message", "fails with a message of 15 MiB", "io", "aaaaaaaa"),
        .answers("answers", "large_results", "returns 16 MiB, in four runs at once", "").by(.runs(4)),
        .fails("answers", "endless_length", "returns 2^64 - 1 bytes", "too_large", "complete refused").breakingRule,
        .fails("answers", "null_result", "returns 5 bytes at null", "invalid", "complete refused").breakingRule,
        .dies("answers", "wild_result", "returns bytes that are not its own", "SIGSEGV"),
        .fails("answers", "positive_status", "fails with status 7", "invalid", "complete refused").breakingRule,
        .fails("answers", "unknown_status", "fails with status -77", "internal", "a status that nobody knows"),
        .fails("answers", "empty_result", "returns nothing", "internal", brokenOutput),
        .fails("answers", "not_json", "returns text that is no JSON", "internal", brokenOutput),
        .fails("answers", "invalid_utf8", "returns bytes that are no UTF-8", "internal", brokenOutput),
        .fails("answers", "lone_surrogate", "returns half a character", "internal", brokenOutput),
        .fails("answers", "repeated_key", "returns a key twice", "internal", brokenOutput),
        .fails("answers", "byte_order_mark", "returns a byte order mark", "internal", brokenOutput),
        .fails("answers", "zero_byte", "returns a zero byte", "internal", brokenOutput),
        .fails("answers", "deep_json", "returns 4,194,304 nested arrays", "internal", brokenOutput),
        .fails("answers", "long_number", "returns a number of 8,388,608 digits", "internal", brokenOutput),
        .fails("answers", "own_schema", "returns an array where its schema has an object", "internal", brokenOutput)
            .with(#"OUTPUT_SCHEMA="\"type\":\"object\"""#),
        .fails("answers", "forged_message", "fails with a message that commands a terminal", "io", "bureau: forged"),
        .fails("answers", "invalid_message", "fails with a message that is no UTF-8", "invalid", "refused the message")
            .breakingRule,
    ]
}
