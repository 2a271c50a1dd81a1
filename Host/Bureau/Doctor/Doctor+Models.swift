import Engine
import Gateway
import Glibc
import HostConfiguration
import Kernel

extension Doctor {
    private static let reachMilliseconds = 3_000

    func models() async -> [Finding] {
        let setup: ModelSetup
        do {
            setup = try ModelSetup(storeFolder: folder, models: options.models)
        } catch {
            return [Finding("models", .failure, error.lines.joined(separator: "; "))]
        }
        guard !setup.entries.isEmpty else {
            return [Finding("models", .ok, "the built-in offline model alone")]
        }
        var found: [Finding] = []
        for entry in setup.entries {
            let name = entry.settings.name
            found += missingKeys(entry.settings.credential).map {
                Finding("models", .failure, "\(name): \($0)", advice: "set it, or bureau keys set")
            }
            if let problem = await unreachable(entry.settings) {
                found.append(
                    Finding("models", .failure, "\(name) does not answer at \(entry.settings.baseURL): \(problem)"))
            }
        }
        return found
    }

    private func missingKeys(_ credential: ProviderCredential) -> [String] {
        let keys: [ProviderKey] =
            switch credential {
            case .none: []
            case .keys(let entries): entries.map(\.key)
            case .amazon(let keys): [keys.accessKeyID, keys.secretAccessKey]
            }
        return keys.compactMap(missing)
    }

    private func missing(_ key: ProviderKey) -> String? {
        do {
            _ = try key.read()
            return nil
        } catch {
            return error.message
        }
    }

    /// Without a key and without a call that costs: any answer is one.
    private func unreachable(_ settings: ProviderSettings) async -> String? {
        guard let client = try? CurlClient() else { return "libcurl cannot start" }
        defer { client.close() }
        var request = OutgoingRequest(
            url: settings.baseURL, headers: [], body: [], connectTimeoutMilliseconds: Self.reachMilliseconds,
            timeoutMilliseconds: Self.reachMilliseconds, idleTimeoutSeconds: Self.reachMilliseconds / 1_000,
            maximumResponseBytes: 1 << 20, proxy: settings.proxy, certificateFile: settings.certificateFile)
        request.method = "GET"
        let end = await client.send(request) { _, _ in false }
        // An answer whose body is not wanted was stopped; its head is what counts.
        if end.head.status > 0 { return nil }
        return end.failure?.message ?? "nothing came"
    }

    // MARK: Certificate

    private static let warningDays = 30

    func certificate() -> [Finding] {
        guard let path = configuration.path(Settings.certificate) else {
            return [Finding("certificate", .skipped, "server.tls_certificate is not set")]
        }
        guard case .success(let bytes) = FilePath.read(path, maximumBytes: 1 << 20) else {
            return [Finding("certificate", .failure, "\(path) cannot be read")]
        }
        let chain: CertificateFile
        do {
            chain = try CertificateFile(pem: String(decoding: bytes, as: UTF8.self))
        } catch {
            return [Finding("certificate", .failure, "\(path): \(error.message)")]
        }
        var found: [Finding] = []
        let seconds = now.unixMilliseconds / 1_000, days = (chain.notAfter - seconds) / 86_400
        if seconds > chain.notAfter {
            found.append(Finding("certificate", .failure, "\(path) expired \(-days) days ago", advice: "renew it"))
        } else if days < Self.warningDays {
            found.append(Finding("certificate", .warning, "\(path) expires in \(days) days", advice: "renew it"))
        }
        if seconds < chain.notBefore { found.append(Finding("certificate", .failure, "\(path) is not in force yet")) }
        guard let keyPath = configuration.path(Settings.certificateKey) else {
            return found + [Finding("certificate", .failure, "server.tls_key is not set")]
        }
        guard case .success(let key) = FilePath.read(keyPath, maximumBytes: 1 << 20) else {
            return found + [Finding("certificate", .failure, "\(keyPath) cannot be read")]
        }
        switch chain.isOf(key: String(decoding: key, as: UTF8.self)) {
        case nil: found.append(Finding("certificate", .failure, "\(keyPath) is no private key in PEM"))
        case false?: found.append(Finding("certificate", .failure, "\(keyPath) is not the key of \(path)"))
        case true?: break
        }
        return found
    }
}
