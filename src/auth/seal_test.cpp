#include "auth/seal.hpp"

#include <gtest/gtest.h>

namespace pipit::auth {
namespace {

Seal seal_with(char fill) {
    return Seal(*Secret::from_bytes(std::string(32, fill)));
}

TEST(Seal, OpensNothingThatWasChangedAnywhere) {
    const Seal seal = seal_with('k');
    const std::string sealed = seal.close("list", "tea room");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(seal.open("list", changed)) << "byte " << i;
        EXPECT_FALSE(seal.open("list", std::string_view(sealed).substr(0, i)));
    }
    EXPECT_FALSE(seal.open("list", sealed + '\0'));
    EXPECT_FALSE(seal.open("list", ""));
}

TEST(Seal, OpensNothingThatIsForAnotherPurposeOrOfAnotherKey) {
    const std::string sealed = seal_with('k').close("list", "tea room");
    EXPECT_FALSE(seal_with('k').open("lists", sealed));
    EXPECT_FALSE(seal_with('k').open("", sealed));
    EXPECT_FALSE(seal_with('l').open("list", sealed));
}

TEST(Seal, GivesBackWhatItWasGivenAndShowsNothingOfIt) {
    const Seal seal = seal_with('k');
    for (const std::size_t bytes : {1u, 15u, 16u, 17u, 300u}) {
        const std::string text(bytes, 'x');
        const std::string sealed = seal.close("list", text);
        EXPECT_EQ(sealed.size(), bytes + 16);
        EXPECT_EQ(sealed.find("xxxx"), std::string::npos);
        EXPECT_EQ(seal.open("list", sealed), text);
    }
}

// RFC 5297 appendix A.1.
TEST(Seal, IsTheModeOfTheStandard) {
    const auto bytes = [](std::string_view hex) {
        std::string text;
        for (std::size_t i = 0; i < hex.size(); i += 2)
            text += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
        return text;
    };
    const Seal seal(
        *Secret::from_bytes(bytes("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")));
    EXPECT_EQ(seal.close(bytes("101112131415161718191a1b1c1d1e1f2021222324252627"),
                         bytes("112233445566778899aabbccddee")),
              bytes("85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"));
}

}  // namespace
}  // namespace pipit::auth
