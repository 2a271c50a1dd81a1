import Kernel

/// `keys` and `aws` of a provider: references to secrets, never secrets.
enum CredentialEntry {
    private static let maximumKeys = 32
    private static let maximumWeight: Int64 = 1000

    static func credential(
        _ reader: inout MemberReader, takesAmazonKeys: Bool, _ environment: ConfigurationEnvironment
    ) throws(Failure) -> ProviderCredential {
        let amazon = takesAmazonKeys ? try reader.reader("aws") : nil
        let list = reader.value("keys")
        let place = reader.place.appending("keys")
        if var amazon {
            guard list == nil else { throw MemberReader.wrong(place, "and aws exclude each other") }
            guard let id = try key(amazon.reader("access_key_id"), environment) else {
                throw amazon.missing("access_key_id", "where the access key's id is")
            }
            guard let secret = try key(amazon.reader("secret_access_key"), environment) else {
                throw amazon.missing("secret_access_key", "where the secret access key is")
            }
            let token = try key(amazon.reader("session_token"), environment)
            try amazon.finish()
            return .amazon(AmazonKeys(accessKeyID: id, secretAccessKey: secret, sessionToken: token))
        }
        guard let list else { return .none }
        guard let elements = list.arrayValue, elements.count <= maximumKeys else {
            throw MemberReader.wrong(place, "must be an array of at most \(maximumKeys) keys")
        }
        var entries = [ProviderKeyEntry]()
        for (index, element) in elements.enumerated() {
            entries.append(try entry(element, at: place.appending(index), environment))
            let id = entries[index].id
            guard !entries[..<index].contains(where: { $0.id == id }) else {
                throw MemberReader.wrong(place.appending(index), "has the id \"\(id)\" of another; give it an id")
            }
        }
        return entries.isEmpty ? .none : .keys(entries)
    }

    private static func entry(
        _ value: JSONValue, at place: JSONPointer, _ environment: ConfigurationEnvironment
    ) throws(Failure) -> ProviderKeyEntry {
        var reader = try MemberReader(value, at: place)
        let id = try reader.string("id")
        let weight = try reader.integer("weight", in: 0...maximumWeight)
        let (key, name) = try source(&reader, environment)
        try reader.finish()
        return ProviderKeyEntry(id: id ?? name, key: key, weight: Int(weight ?? 1))
    }

    private static func key(
        _ reader: MemberReader?, _ environment: ConfigurationEnvironment
    ) throws(Failure) -> ProviderKey? {
        guard var reader else { return nil }
        let (key, _) = try source(&reader, environment)
        try reader.finish()
        return key
    }

    /// - Returns: also what the secret is called, which is none.
    private static func source(
        _ reader: inout MemberReader, _ environment: ConfigurationEnvironment
    ) throws(Failure) -> (key: ProviderKey, name: String) {
        let variable = try reader.string("env")
        let file = try reader.string("file")
        let vault = try reader.string("vault")
        switch (variable, file, vault) {
        case (let name?, nil, nil): return (.environment(name), name)
        case (nil, let path?, nil): return (.file(environment.path(path)), path)
        case (nil, nil, let name?): return (.vault(name, environment.vault), name)
        default:
            throw MemberReader.wrong(
                reader.place, "must have one of env (a variable), file (a path) and vault (a name of bureau keys)")
        }
    }
}
