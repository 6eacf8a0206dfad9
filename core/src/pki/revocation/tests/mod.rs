//! Lists and answers, each rule on its own.

mod answers;
mod asked;
mod deltas;
mod elements;
mod evidence;
mod lists;
mod made;
mod openssl;
mod responders;
mod scopes;
