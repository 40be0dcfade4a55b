#include "net/push_test_service.hpp"

#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/assert.hpp"

namespace pipit::net {
namespace {

constexpr std::chrono::seconds kDeadline{20};

/// The bytes of a request's body, by its head.
std::size_t body_bytes(const std::string& head) {
    for (const char* name : {"Content-Length: ", "content-length: "}) {
        if (const auto at = head.find(name); at != head.npos) return std::stoul(head.substr(at + 16));
    }
    return 0;
}

}  // namespace

PushTestService::PushTestService() {
    std::string name = std::filesystem::temp_directory_path() / "pipit-push-XXXXXX";
    PIPIT_ASSERT(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    make_certificate();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    PIPIT_ASSERT(::bind(listener_, any, size) == 0 && ::listen(listener_, 64) == 0);
    PIPIT_ASSERT(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { accept(); });
}

PushTestService::~PushTestService() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (std::thread& client : clients_)
        client.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
}

/// One for localhost that vouches for itself.
void PushTestService::make_certificate() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 24 * 3'600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost"), X509_EXTENSION_free);
    X509_add_ext(certificate.get(), names.get(), -1);
    PIPIT_ASSERT(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(ca_file().c_str(), "w"),
                                                                  std::fclose);
    PIPIT_ASSERT(file && PEM_write_X509(file.get(), certificate.get()) == 1);
    context_.reset(SSL_CTX_new(TLS_server_method()));
    PIPIT_ASSERT(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1);
    PIPIT_ASSERT(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1);
}

void PushTestService::accept() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        clients_.emplace_back([this, socket] { serve(socket); });
    }
}

/// One request, and then it hangs up.
void PushTestService::serve(int socket) {
    const timeval patience{.tv_sec = kDeadline.count(), .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(tls.get(), socket);
    if (SSL_accept(tls.get()) == 1) {
        std::string request;
        std::array<char, 16'384> bytes{};
        std::size_t end = request.npos;
        while (end == request.npos || request.size() < end + 4 + body_bytes(request.substr(0, end))) {
            const int count = SSL_read(tls.get(), bytes.data(), static_cast<int>(bytes.size()));
            if (count <= 0) break;
            request.append(bytes.data(), static_cast<std::size_t>(count));
            end = request.find("\r\n\r\n");
        }
        if (end != request.npos) {
            const std::string answer = answer_to(request.substr(0, end));
            SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
            SSL_shutdown(tls.get());
        }
    }
    ::close(socket);
}

std::string PushTestService::answer_to(const std::string& head) {
    const std::size_t begin = head.find(' ') + 1;
    const std::string path = head.substr(begin, head.find(' ', begin) - begin);
    const std::lock_guard lock(mutex_);
    heads_[path].push_back(head);
    changed_.notify_all();
    std::string status = "201 Created";
    if (auto& statuses = statuses_[path]; !statuses.empty()) {
        status = statuses.front();
        if (statuses.size() > 1) statuses.pop_front();
    }
    return "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

void PushTestService::answer(const std::string& path, std::deque<std::string> statuses) {
    const std::lock_guard lock(mutex_);
    statuses_[path] = std::move(statuses);
}

bool PushTestService::was_asked(const std::string& path, std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kDeadline, [&] { return heads_[path].size() >= count; });
}

std::vector<std::string> PushTestService::heads(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return heads_[path];
}

}  // namespace pipit::net
