#include "auth/identity.hpp"

#include "codec/names.hpp"

namespace pipit::auth {

bool is_valid_user_id(std::string_view text, std::size_t bytes_max) {
    return codec::is_valid_name(text, bytes_max);
}

}  // namespace pipit::auth
