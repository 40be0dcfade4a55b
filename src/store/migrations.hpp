#pragma once

#include "store/database.hpp"

namespace pipit::store {

/// Brings the tables up to what this version needs, in one transaction; two processes that do it at the same
/// moment do it once. Refuses a database that a later version has used (StoreFault::newer_schema).
Saved migrate(Database& database);

}  // namespace pipit::store
