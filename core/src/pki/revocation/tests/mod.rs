//! Lists and answers, each rule on its own.

mod openssl;
