//===- Hash.cpp - SHA-256 -------------------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Hash.h"

#include <openssl/evp.h>

using namespace gemma;

struct Sha256::Context {
  EVP_MD_CTX *handle = EVP_MD_CTX_new();
  bool good = false;

  ~Context() { EVP_MD_CTX_free(handle); }
  void start() {
    good = handle && EVP_DigestInit_ex(handle, EVP_sha256(), nullptr) == 1;
  }
};

Sha256::Sha256() : context(std::make_unique<Context>()) {}
Sha256::Sha256(Sha256 &&) noexcept = default;
Sha256::~Sha256() = default;

Result<Sha256> Sha256::create() {
  Sha256 hash;
  hash.context->start();
  if (!hash.context->good) {
    return resourceError("SHA-256: expected a context of OpenSSL, found none");
  }
  return hash;
}

void Sha256::add(const void *data, size_t size) {
  context->good =
      context->good && EVP_DigestUpdate(context->handle, data, size) == 1;
}

Result<Digest> Sha256::finish() {
  Digest digest;
  if (!context->good ||
      EVP_DigestFinal_ex(context->handle, digest.data(), nullptr) != 1) {
    return internalError("SHA-256: expected OpenSSL to hash, found a failure");
  }
  context->start();
  return digest;
}

Result<Digest> gemma::sha256(const void *data, size_t size) {
  Result<Sha256> hash = Sha256::create();
  if (!hash) {
    return hash.takeError();
  }
  hash->add(data, size);
  return hash->finish();
}

std::string gemma::hex(const Digest &digest) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Result<void> gemma::compareDigest(std::string_view what, const Digest &found,
                                  const Digest &expected) {
  if (found != expected) {
    return invalidData(std::string(what) + ": expected SHA-256 " +
                       hex(expected) + ", found " + hex(found));
  }
  return {};
}

Result<void> gemma::checkDigest(std::string_view what, const void *data,
                                size_t size, const Digest &expected) {
  Result<Digest> found = sha256(data, size);
  if (!found) {
    return found.takeError();
  }
  return compareDigest(what, *found, expected);
}
