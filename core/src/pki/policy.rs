//! Certificate policies: the graph of RFC 9618, which replaces the tree of RFC 5280 §6.1.2 and cannot grow without bound.

use super::Certificate;
use super::extension::{ANY_POLICY, Oid};
use super::reason::Reason;

/// A policy at one depth. Only the last depth decides, so what it goes back to is carried along instead of edges.
struct Node {
    policy: Oid,
    expected: Vec<Oid>,
    /// The policies of the anchor's own domain that it goes back to (valid_policy_node_set, RFC 9618 §5.5).
    domain: Vec<Oid>,
}

/// Counters of §6.1.2 (d)–(f); zero means: from here on.
struct Counters {
    explicit_policy: u32,
    policy_mapping: u32,
    inhibit_any_policy: u32,
}

/// Whether a path, the anchor's child first and the leaf last, was issued under one of these policies. If none are
/// given, any will do, and none is needed unless an authority requires one.
pub(super) fn check(path: &[&Certificate], wanted: &[Oid]) -> Result<(), Reason> {
    let length = u32::try_from(path.len()).unwrap_or(u32::MAX);
    let mut counters = Counters {
        explicit_policy: if wanted.is_empty() { length.saturating_add(1) } else { 0 },
        policy_mapping: length.saturating_add(1),
        inhibit_any_policy: length.saturating_add(1),
    };
    let mut depth = vec![Node {
        policy: ANY_POLICY.into(),
        expected: vec![ANY_POLICY.into()],
        domain: vec![ANY_POLICY.into()],
    }];
    for (index, certificate) in path.iter().enumerate() {
        let is_last = index.saturating_add(1) == path.len();
        let any_policy_counts =
            counters.inhibit_any_policy > 0 || (!is_last && certificate.is_self_issued());
        depth = next_depth(&depth, certificate, any_policy_counts);
        if counters.explicit_policy == 0 && depth.is_empty() {
            return Err(Reason::WrongPolicy);
        }
        if !is_last {
            map(&mut depth, certificate, counters.policy_mapping > 0)?;
        }
        counters.pass(certificate, is_last);
    }
    let any_will_do = wanted.is_empty() || wanted.iter().any(is_any);
    let fits = |policy: &Oid| any_will_do || is_any(policy) || wanted.contains(policy);
    let satisfied = depth.iter().any(|node| node.domain.iter().any(fits));
    if counters.explicit_policy > 0 || satisfied { Ok(()) } else { Err(Reason::WrongPolicy) }
}

/// Whether a holder's certificate names one of these policies itself. A path may have them by anyPolicy or by a mapping
/// (§6.1.5 (g)); the certificates of J-LIS name their own, and it is what tells one kind from another.
pub(super) fn check_holder(leaf: &Certificate, wanted: &[Oid]) -> Result<(), Reason> {
    let named = leaf.extensions.policies.as_deref().unwrap_or_default();
    let any_will_do = wanted.is_empty() || wanted.iter().any(is_any);
    let satisfied = any_will_do || wanted.iter().any(|policy| named.contains(policy));
    if satisfied { Ok(()) } else { Err(Reason::WrongPolicy) }
}

/// §6.1.3 (d) and (e). Nothing at this depth means that the valid_policy_graph is NULL, and it stays so.
fn next_depth(above: &[Node], certificate: &Certificate, any_policy_counts: bool) -> Vec<Node> {
    let Some(policies) = &certificate.extensions.policies else { return Vec::new() };
    let expecting = |policy: &Oid| -> Vec<&Node> {
        above.iter().filter(|node| node.expected.contains(policy)).collect()
    };
    let mut depth: Vec<Node> = Vec::new();
    let mut add = |policy: &Oid, parents: &[&Node]| {
        if !parents.is_empty() && depth.iter().all(|node| node.policy != *policy) {
            let domain = domain_of(policy, parents);
            depth.push(Node { policy: policy.clone(), expected: vec![policy.clone()], domain });
        }
    };
    for policy in policies.iter().filter(|policy| !is_any(policy)) {
        let mut parents = expecting(policy);
        if parents.is_empty() {
            parents.extend(above.iter().find(|node| is_any(&node.policy)));
        }
        add(policy, &parents);
    }
    if any_policy_counts && policies.iter().any(is_any) {
        for policy in above.iter().flat_map(|node| &node.expected) {
            add(policy, &expecting(policy));
        }
    }
    depth
}

fn is_any(policy: &Oid) -> bool {
    **policy == *ANY_POLICY
}

/// A policy whose parent is anyPolicy is of the anchor's domain; any other goes back to what its parents go back to.
fn domain_of(policy: &Oid, parents: &[&Node]) -> Vec<Oid> {
    let mut domain: Vec<Oid> = Vec::new();
    for parent in parents {
        let of_any = is_any(&parent.policy);
        let from = if of_any { std::slice::from_ref(policy) } else { parent.domain.as_slice() };
        for policy in from {
            if !domain.contains(policy) {
                domain.push(policy.clone());
            }
        }
    }
    domain
}

/// §6.1.4 (a) and (b).
fn map(depth: &mut Vec<Node>, certificate: &Certificate, allowed: bool) -> Result<(), Reason> {
    let mappings = &certificate.extensions.policy_mappings;
    if mappings.iter().any(|(issuers, subjects)| is_any(issuers) || is_any(subjects)) {
        return Err(Reason::MappingOfAnyPolicy);
    }
    if !allowed {
        depth.retain(|node| mappings.iter().all(|(issuers, _)| *issuers != node.policy));
        return Ok(());
    }
    let under_any = depth.iter().any(|node| is_any(&node.policy));
    let mut done: Vec<&Oid> = Vec::new();
    for (issuers, _) in mappings {
        if done.contains(&issuers) {
            continue;
        }
        done.push(issuers);
        let expected: Vec<Oid> = mappings
            .iter()
            .filter(|(policy, _)| policy == issuers)
            .map(|(_, subjects)| subjects.clone())
            .collect();
        if let Some(node) = depth.iter_mut().find(|node| node.policy == *issuers) {
            node.expected = expected;
        } else if under_any {
            depth.push(Node { policy: issuers.clone(), expected, domain: vec![issuers.clone()] });
        }
    }
    Ok(())
}

impl Counters {
    /// §6.1.4 (h)–(j), and for the leaf §6.1.5 (a) and (b).
    fn pass(&mut self, certificate: &Certificate, is_last: bool) {
        let extensions = &certificate.extensions;
        if is_last {
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            if extensions.require_explicit_policy == Some(0) {
                self.explicit_policy = 0;
            }
            return;
        }
        if !certificate.is_self_issued() {
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            self.policy_mapping = self.policy_mapping.saturating_sub(1);
            self.inhibit_any_policy = self.inhibit_any_policy.saturating_sub(1);
        }
        let lower = |counter: &mut u32, to: Option<u32>| {
            *counter = to.map_or(*counter, |to| to.min(*counter));
        };
        lower(&mut self.explicit_policy, extensions.require_explicit_policy);
        lower(&mut self.policy_mapping, extensions.inhibit_policy_mapping);
        lower(&mut self.inhibit_any_policy, extensions.inhibit_any_policy);
    }
}
