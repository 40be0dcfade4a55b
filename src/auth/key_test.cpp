#include "auth/key.hpp"

#include <string>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "auth/compact_jws.hpp"
#include "auth/jwks.hpp"
#include "auth/testing/token_forge.hpp"

namespace pipit::auth {
namespace {

constexpr JwksRules kSecretsAllowed{.secrets_allowed = true};

VerificationKey key_of(const std::string& members) {
    auto keys = parse_jwks(jwks_of({members}), kSecretsAllowed);
    PIPIT_ASSERT(keys && keys->size() == 1);
    return std::move(keys->front());
}

bool verifies(const VerificationKey& key, const std::string& token) {
    const auto jws = CompactJws::parse(token);
    PIPIT_ASSERT(jws);
    return key.verify(jws->signing_input, jws->signature);
}

// The example of RFC 7515 appendix A.1 to A.3: one payload, signed in three ways.
const std::string kRfcPayload =
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

TEST(VerificationKey, Hs256AcceptsTheExampleOfRfc7515AppendixA1) {
    const VerificationKey key = key_of(
        R"("kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")");
    const std::string input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + kRfcPayload;
    EXPECT_EQ(key.algorithm(), Algorithm::hs256);
    EXPECT_TRUE(verifies(key, input + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    EXPECT_FALSE(verifies(key, input + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg"));
    EXPECT_FALSE(verifies(key, input + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjQ"));
    EXPECT_FALSE(verifies(key, input));
}

TEST(VerificationKey, Rs256AcceptsTheExampleOfRfc7515AppendixA2) {
    const VerificationKey key = key_of(R"("kty":"RSA","e":"AQAB","n":")"
                                       "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
                                       "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF"
                                       "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
                                       "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo"
                                       "7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_"
                                       "I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM"
                                       "Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ\"");
    const std::string signature =
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
        "O8W2Fp5jujGbds9uJdb"
        "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_"
        "eSN9383"
        "LcOLn6_dO--xi12jzDwusC-"
        "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
        "wlVmtVrBp0igcN_IoypGlUPQGe77R";
    EXPECT_EQ(key.algorithm(), Algorithm::rs256);
    EXPECT_TRUE(verifies(key, "eyJhbGciOiJSUzI1NiJ9" + kRfcPayload + signature + "w"));
    EXPECT_FALSE(verifies(key, "eyJhbGciOiJSUzI1NiJ9" + kRfcPayload + signature + "g"));
    EXPECT_FALSE(verifies(key, "eyJhbGciOiJSUzI1NiJA" + kRfcPayload + signature + "w"));
}

TEST(VerificationKey, Es256AcceptsTheExampleOfRfc7515AppendixA3) {
    const VerificationKey key =
        key_of(R"("kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
               R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")");
    const std::string signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1";
    EXPECT_EQ(key.algorithm(), Algorithm::es256);
    EXPECT_TRUE(verifies(key, "eyJhbGciOiJFUzI1NiJ9" + kRfcPayload + signature + "Q"));
    EXPECT_FALSE(verifies(key, "eyJhbGciOiJFUzI1NiJ9" + kRfcPayload + signature + "g"));
    EXPECT_FALSE(verifies(key, "eyJhbGciOiJFUzI1NiJA" + kRfcPayload + signature + "Q"));
}

TEST(VerificationKey, Ed25519AcceptsTheExampleOfRfc8037AppendixA4) {
    const VerificationKey key =
        key_of(R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")");
    const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.";
    const std::string signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KA";
    EXPECT_EQ(key.algorithm(), Algorithm::ed25519);
    EXPECT_TRUE(verifies(key, input + signature + "g"));
    EXPECT_FALSE(verifies(key, input + signature + "w"));
    EXPECT_FALSE(verifies(key, input));
}

TEST(VerificationKey, Es256RefusesASignatureInDer) {
    const SigningKey signer = SigningKey::p256();
    EXPECT_FALSE(key_of(signer.jwk_members()).verify("text", signer.sign("text")));
}

TEST(VerificationKey, Es256RefusesRAndSOfTheWrongLengthOrOutOfRange) {
    const SigningKey signer = SigningKey::p256();
    const VerificationKey key = key_of(signer.jwk_members());
    const auto jws = CompactJws::parse(signer.token("{}", "{}"));
    ASSERT_TRUE(jws);
    const std::string input = signing_input("{}", "{}");
    EXPECT_FALSE(key.verify(input, jws->signature.substr(0, 63)));
    EXPECT_FALSE(key.verify(input, jws->signature.substr(1)));
    EXPECT_FALSE(key.verify(input, '\0' + jws->signature));
    EXPECT_FALSE(key.verify(input, jws->signature + '\0'));
    EXPECT_FALSE(key.verify(input, std::string(64, '\0')));
    EXPECT_FALSE(key.verify(input, std::string(64, '\xff')));
    EXPECT_TRUE(key.verify(input, jws->signature));
}

TEST(VerificationKey, LeavesNothingInTheErrorQueueOfOpenssl) {
    const SigningKey signer = SigningKey::p256();
    ERR_clear_error();
    EXPECT_FALSE(key_of(signer.jwk_members()).verify("text", std::string(64, '\xff')));
    EXPECT_FALSE(VerificationKey::es256(base::as_bytes(std::string(32, '\1')),
                                        base::as_bytes(std::string(32, '\1')), ""));
    EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Algorithm, RefusesNoneAndEverythingElseThatIsNotOurs) {
    for (const char* name :
         {"none", "None", "", "hs256", "HS384", "RS512", "PS256", "ES384", "ES256K", "Ed448", "HS256 "}) {
        EXPECT_FALSE(algorithm_from_name(name)) << name;
    }
}

TEST(Algorithm, KnowsEd25519ByBothItsNames) {
    EXPECT_EQ(algorithm_from_name("EdDSA"), Algorithm::ed25519);
    EXPECT_EQ(algorithm_from_name("Ed25519"), Algorithm::ed25519);
}

}  // namespace
}  // namespace pipit::auth
