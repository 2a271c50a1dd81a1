import PluginKit
import PluginTesting
import Safety
import Testing

@Suite("Safety: SSH and TLS settings")
struct SafetyConfigurationTests {
    private func rules(_ name: String, _ text: String, kind: ConfigurationKind? = nil) async throws -> [String] {
        let input = ConfigurationInput(files: [ConfigurationFile(name: name, kind: kind, text: text)])
        let output: ConfigurationOutput = try await TaskHarness(Safety.self).run("configuration", input: input)
        return output.findings.map { "\($0.rule) \($0.place.split(separator: ":").dropFirst().joined())" }.sorted()
    }

    /// Mozilla's modern guidelines, shortened.
    private static let goodSSH = """
        HostKey /etc/ssh/ssh_host_ed25519_key
        KexAlgorithms curve25519-sha256@libssh.org,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256
        Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr
        MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com
        AuthenticationMethods publickey
        LogLevel VERBOSE
        PermitRootLogin No
        """

    @Test("Mozilla's own configuration has no finding")
    func goodServer() async throws {
        #expect(try await rules("etc/ssh/sshd_config", Self.goodSSH).isEmpty)
    }

    @Test("each weak setting is found where it stands; the first value of a keyword counts")
    func weakServer() async throws {
        let text = """
            permitrootlogin=YES
            PermitRootLogin no
            PasswordAuthentication no
            Ciphers aes256-ctr,3des-cbc,aes128-cbc
            MACs -hmac-md5
            KexAlgorithms +diffie-hellman-group1-sha1
            HostKeyAlgorithms ssh-ed25519,ssh-rsa
            LoginGraceTime 0
            # PermitEmptyPasswords yes
            Match User backup
                PermitEmptyPasswords "yes" # comment
                PasswordAuthentication yes
            """
        #expect(
            try await rules("sshd_config", text) == [
                "ssh.logingracetime 8", "ssh.passwordauthentication 12", "ssh.permitemptypasswords 11",
                "ssh.permitrootlogin 1", "ssh.weak-ciphers 4", "ssh.weak-ciphers 4", "ssh.weak-hostkeyalgorithms 7",
                "ssh.weak-kexalgorithms 6",
            ])
    }

    @Test("a password default counts as set, unless keys are demanded; a part file repeats nothing")
    func defaults() async throws {
        #expect(try await rules("sshd_config", "") == ["ssh.passwordauthentication "])
        #expect(try await rules("sshd_config", "AuthenticationMethods publickey,password publickey").isEmpty)
        #expect(try await rules("sshd_config", "AuthenticationMethods any") == ["ssh.passwordauthentication "])
        #expect(try await rules("etc/ssh/sshd_config.d/10.conf", "X11Forwarding no").isEmpty)
    }

    @Test("nginx: protocols, ciphers and strict transport, by server")
    func nginx() async throws {
        let text = """
            http {
              server_tokens on; # comment }
              ssl_protocols TLSv1 TLSv1.2;
              map $a $b { default "x;{"; ~^/(.*)${c} 1; }
              server {
                listen [::]:443 ssl;
                ssl_ciphers "ECDHE-ECDSA-AES128-GCM-SHA256:RC4-SHA:HIGH:!aNULL:!MD5";
                add_header Strict-Transport-Security 'max-age=300' always;
              }
              server { listen 443; proxy_ssl_verify off; }
              server { listen 0.0.0.0:8443 ssl;
                ssl_ciphers ALL:!aNULL:!eNULL:!EXPORT:!LOW:!RC4:!MD5:!3DES; ssl_protocols TLSv1.2 TLSv1.3;
                add_header Strict-Transport-Security "max-age=63072000; includeSubDomains"; }
              server { listen 8444 ssl; }
            }
            """
        #expect(
            try await rules("etc/nginx/nginx.conf", text) == [
                "nginx.no-hsts 14", "nginx.no-tls13 3", "nginx.plain-443 10", "nginx.proxy-verify 10",
                "nginx.server-tokens 2", "nginx.short-hsts 8", "nginx.weak-ciphers 7", "nginx.weak-protocol 3",
            ])
    }

    @Test(
        "cipher lists: what is let in, not what is forbidden",
        arguments: [
            ("HIGH:!aNULL:!MD5", 0), ("ALL", 7), ("ALL:!aNULL:!eNULL:!EXPORT:!LOW:!RC4:!MD5:!3DES", 0),
            ("DES-CBC3-SHA", 1), ("ECDHE-RSA-AES256-GCM-SHA384", 0), ("NULL-SHA256", 1), ("ADH-AES128-SHA", 1),
            ("AES128-SHA:-RC4", 0), ("EXP-RC4-MD5", 1), ("@SECLEVEL=2:DEFAULT", 0), ("", 0),
        ])
    func ciphers(list: String, count: Int) async throws {
        let found = try await rules("n", "ssl_ciphers '\(list)';", kind: .nginx)
        #expect(found.count == count, "\(found)")
    }

    @Test("openssl.cnf: protocol, security level, options, digest and key size")
    func openSSL() async throws {
        let text = """
            [req] # comment
            default_bits = 1024
            default_md = sha1
            [system_default_sect]
            MinProtocol = TLSv1
            CipherString = DEFAULT:@SECLEVEL=0
            Options = UnsafeLegacyRenegotiation, ServerPreference
            """
        #expect(
            try await rules("etc/ssl/openssl.cnf", text) == [
                "openssl.digest 3", "openssl.key-size 2", "openssl.legacy-renegotiation 7", "openssl.min-protocol 5",
                "openssl.security-level 6",
            ])
        let good = "[s]\nMinProtocol = TLSv1.2\nCipherString = DEFAULT:@SECLEVEL=2\ndefault_bits = 3072\n"
        #expect(try await rules("openssl.cnf", good).isEmpty)
    }

    @Test(
        "what is no configuration is refused with its line",
        arguments: [
            ("}", "nginx.conf:1"), ("server {", "ends inside"), ("listen 80", "ends inside"),
            ("a b; server { listen 80 }", "nginx.conf:1"), (String(repeating: "a {", count: 200), "nested"),
        ])
    func refused(text: String, reason: String) async throws {
        let failure = await #expect(throws: TaskFailure.self) { _ = try await rules("nginx.conf", text) }
        #expect(failure?.status == .invalid && failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
        let unknown = await #expect(throws: TaskFailure.self) { _ = try await rules("what.txt", text) }
        #expect(unknown?.message.contains("/files/0/kind") == true)
    }
}
