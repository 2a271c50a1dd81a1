import HTTPTypes

/// The fields that every answer carries, whoever made it: handlers, refusals of the transport, files.
struct AnswerHeaders: Sendable {
    private let fields: [HTTPField]

    /// - Parameter isSecure: whether the client came by TLS.
    init(isSecure: Bool) {
        var fields: [(HTTPField.Name, String)] = [
            (.xContentTypeOptions, "nosniff"),
            (.known("X-Frame-Options"), "DENY"),
            (
                .contentSecurityPolicy,
                "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
            ),
            // Browsers' own filter was itself a way in; 0 turns off what is left of it.
            (.known("X-XSS-Protection"), "0"),
            (.known("Referrer-Policy"), "no-referrer"),
            (.known("Cross-Origin-Opener-Policy"), "same-origin"),
            (.known("Cross-Origin-Resource-Policy"), "same-origin"),
            (.known("X-Permitted-Cross-Domain-Policies"), "none"),
        ]
        if isSecure { fields.append((.strictTransportSecurity, "max-age=31536000; includeSubDomains")) }
        self.fields = fields.map { HTTPField(name: $0, value: $1) }
    }

    /// What a handler set itself stays: artifacts have a stricter policy.
    func add(to head: inout HTTPResponse) {
        for field in fields where !head.headerFields.contains(field.name) { head.headerFields.append(field) }
    }
}
