#include "net/source_address.hpp"

#include <algorithm>

namespace pipit::net {

asio::ip::address unmapped(const asio::ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

asio::ip::address counted_address(const asio::ip::address& address) {
    const asio::ip::address plain = unmapped(address);
    if (plain.is_v4()) return plain;
    auto bytes = plain.to_v6().to_bytes();
    std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), 0);
    return asio::ip::address_v6(bytes);
}

}  // namespace pipit::net
