import Kernel

/// A sign-in as a person at a terminal does it: password, another one where it was only given to them, second factor.
struct SignIn {
    var client: HostClient
    var email: String

    /// - Returns: the tokens, as RFC 6749 writes them.
    func tokens(password: String) async throws(CommandFailure) -> JSONValue {
        var body: [String: JSONValue] = ["email": .string(email), "password": .string(password)]
        var answer = try await post("/auth/login", body)
        if answer.json?["code"] == "password_must_change" {
            body["new_password"] = .string(try Prompt.newPassword())
            answer = try await post("/auth/login", body)
        }
        if answer.status == 202, let json = answer.json, let token = json["mfa_token"]?.stringValue {
            answer = try await second(token, json["methods"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        }
        guard answer.status == 200, let json = answer.json, json["access_token"]?.stringValue != nil else {
            let detail = answer.json?["detail"]?.stringValue ?? "is it a host of Bureau with users?"
            throw CommandFailure(.notLoggedIn, "\(client.url) answered \(answer.status): \(detail.printable)")
        }
        return json
    }

    /// A code by whatever of the account's methods a terminal can take; a key needs a browser.
    private func second(_ token: String, _ methods: [String]) async throws(CommandFailure) -> HostClient.Answer {
        // A host says what it takes in the words of RFC 8176.
        let words = [("otp", "totp"), ("sms", "sms"), ("rec", "recovery")]
        guard let method = words.first(where: { methods.contains($0.0) })?.1 else {
            throw CommandFailure(
                .notLoggedIn,
                "\(client.url) wants a security key, which a terminal has not: log in with bureau login --api-key")
        }
        if method == "sms" {
            let sent = try await post("/auth/mfa/challenge", ["mfa_token": .string(token), "method": "sms"])
            guard sent.status == 200 else { return sent }
        }
        let question =
            method == "recovery"
            ? "Recovery code" : methods.contains("rec") ? "Code, or a recovery code" : "Code"
        let code = try Prompt.line(question).filter { !$0.isWhitespace }
        let isShort = code.utf8.count <= 8 && code.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return try await post(
            "/auth/mfa/verify",
            [
                "mfa_token": .string(token), "method": .string(isShort ? method : "recovery"), "code": .string(code),
            ])
    }

    private func post(_ path: String, _ body: [String: JSONValue]) async throws(CommandFailure) -> HostClient.Answer {
        try await client.exchange("POST", path, (JSONValue.object(body).bytes, "application/json"), authorized: false)
    }
}
