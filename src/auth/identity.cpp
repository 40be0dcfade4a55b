#include "auth/identity.hpp"

#include "auth/plain_text.hpp"

namespace pipit::auth {

bool is_valid_user_id(std::string_view text, std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && is_plain_text(text);
}

}  // namespace pipit::auth
