"""Tokens by programs of other authors: PyJWT and joserfc check ours by the published keys, and make some of their own.

    jose.py INPUT OUTPUT    both JSON
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Support"))
import python_environment  # noqa: E402

PACKAGES = ["PyJWT==2.15.1", "cryptography==50.0.2", "joserfc==1.8.0"]


def main():
    environment = python_environment.folder("jose", PACKAGES)
    sys.path[:0] = [str(path) for path in environment.glob("lib/python*/site-packages")]
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from joserfc import jws
    from joserfc.jwk import KeySet, OKPKey

    given = json.loads(pathlib.Path(sys.argv[1]).read_bytes())
    token, claims = given["token"], given["claims"]
    header = jwt.get_unverified_header(token)
    assert header == {"alg": "EdDSA", "kid": given["kid"], "typ": "at+jwt"}, header
    key = jwt.PyJWKSet.from_dict(given["jwks"])[given["kid"]]
    # The tests' clock stands still, another day.
    read = jwt.decode(token, key.key, algorithms=["EdDSA"], audience="urn:bureau:api", issuer="urn:bureau:host",
                      options={"verify_exp": False, "verify_nbf": False, "verify_iat": False})
    assert read == claims, read
    assert jws.deserialize_compact(token, KeySet.import_key_set(given["jwks"]), algorithms=["EdDSA"])
    shared = jwt.decode(given["hs_token"], given["hs_secret"], algorithms=["HS256"], audience="urn:bureau:api",
                        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False})
    assert shared["iss"] == "urn:bureau:host", shared

    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given["seed"]))
    own = OKPKey.import_key({
        "kty": "OKP", "crv": "Ed25519", "x": given["jwks"]["keys"][0]["x"],
        "d": jwt.utils.base64url_encode(bytes.fromhex(given["seed"])).decode()})
    headers = {"kid": given["kid"], "typ": "at+jwt"}
    made = {
        "pyjwt": jwt.encode(claims, private, algorithm="EdDSA", headers=headers),
        "joserfc": jws.serialize_compact({"alg": "EdDSA", **headers}, json.dumps(claims), own, algorithms=["EdDSA"]),
        "pyjwt_other_key": jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers=headers),
        "pyjwt_hs": jwt.encode(claims, given["jwks"]["keys"][0]["x"], algorithm="HS256", headers=headers),
    }
    pathlib.Path(sys.argv[2]).write_text(json.dumps(made))


main()
