import Kernel

/// The bill of materials of a package: CycloneDX 1.5 as JSON. Says what the library is, what it needs at run time,
/// and what it was made with. Without a serial number and a time, so that equal packages are equal bytes.
enum SoftwareBill {
    static func document(
        id: String, department: String, version: String, license: String?, library: Digest, needed: [String],
        toolchain: String, architecture: String
    ) -> [UInt8] {
        let reference = "\(id)@\(version)"
        var component: [String: JSONValue] = [
            "type": "library", "bom-ref": .string(reference), "name": .string(department), "version": .string(version),
            "purl": .string("pkg:generic/\(department)@\(version)?arch=\(architecture)"),
            "hashes": [["alg": "SHA-256", "content": .string(library.hex)]],
            "properties": [
                ["name": "bureau:plugin_id", "value": .string(id)],
                ["name": "bureau:toolchain", "value": .string(toolchain)],
                ["name": "bureau:arch", "value": .string(architecture)],
            ],
        ]
        if let license { component["licenses"] = [["license": ["name": .string(license)]]] }
        let libraries = needed.sorted().map { name in
            JSONValue.object([
                "type": "library", "bom-ref": .string("needed:\(name)"), "name": .string(name),
                "scope": "required",
            ])
        }
        let document: JSONValue = [
            "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": ["component": .object(component)],
            "components": .array(libraries),
            "dependencies": [
                [
                    "ref": .string(reference),
                    "dependsOn": .array(needed.sorted().map { .string("needed:\($0)") }),
                ]
            ],
        ]
        return document.bytes + [0x0A]
    }
}
