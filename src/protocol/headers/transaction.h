#pragma once
// Headers. Transactions: 37, 39, 323.
// What the fields mean: docs/protocol/headers.md. What a member's type says about its absence: protocol/header.h.

#include "protocol/header.h"

namespace ogive::protocol {

/// END_TRANSACTION (37).
struct EndTransactionRequestHeader {
  std::optional<std::string_view> topic;
  std::string_view producer_group;
  std::int64_t tran_state_table_offset = 0;
  std::int64_t commit_log_offset = 0;
  std::int32_t commit_or_rollback = 0;
  Defaulted<bool> from_transaction_check;
  std::string_view msg_id;
  std::optional<std::string_view> transaction_id;
};
BOOST_DESCRIBE_STRUCT(EndTransactionRequestHeader, (),
                      (topic, producer_group, tran_state_table_offset, commit_log_offset, commit_or_rollback,
                       from_transaction_check, msg_id, transaction_id))

/// CHECK_TRANSACTION_STATE (39).
struct CheckTransactionStateRequestHeader {
  std::optional<std::string_view> topic;
  std::int64_t tran_state_table_offset = 0;
  std::int64_t commit_log_offset = 0;
  std::optional<std::string_view> msg_id;
  std::optional<std::string_view> transaction_id;
  std::optional<std::string_view> offset_msg_id;
};
BOOST_DESCRIBE_STRUCT(CheckTransactionStateRequestHeader, (),
                      (topic, tran_state_table_offset, commit_log_offset, msg_id, transaction_id, offset_msg_id))

/// RESUME_CHECK_HALF_MESSAGE (323).
struct ResumeCheckHalfMessageRequestHeader {
  std::optional<std::string_view> topic;
  std::optional<std::string_view> msg_id;
};
BOOST_DESCRIBE_STRUCT(ResumeCheckHalfMessageRequestHeader, (), (topic, msg_id))

}  // namespace ogive::protocol
