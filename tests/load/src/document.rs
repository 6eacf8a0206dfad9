//! The figures as a page.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;
use crate::figures::{CALLERS, Figures, Measured};

const HEAD: &str = "# The exchange under load

Made by

```
cargo xtask bench exchange
```

A whole exchange is what a visit costs the platform: a challenge (with its proof of the device's key), an assertion with an
RSA signature by a card's key, a token. The server checks two proofs, the client's own assertion, the staff member's token,
the certificate with its chain and revocation, and the card's signature; it signs a challenge and two tokens, and it keeps
what happened. All of it goes over TLS 1.3 on connections that stay open. Clients and servers share the processors of one
machine, so exchanges a second say little; **processor time per exchange, the server's alone, is what is compared.**

";

/// Shows the page, and writes it.
pub(crate) fn show(figures: &Figures, file: Option<&Path>) -> Result<()> {
    let page = page(figures)?;
    println!("\n{page}");
    if let Some(file) = file {
        std::fs::write(file, page)?;
        println!("Written: {}", file.display());
    }
    Ok(())
}

fn page(figures: &Figures) -> Result<String> {
    let mut page = String::from(HEAD);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    writeln!(
        page,
        "{CALLERS} clients at once, {} seconds for each load, {cores} processors. Figures are measured and vary.\n",
        figures.seconds
    )?;
    writeln!(page, "## Rate, time and cost\n")?;
    writeln!(
        page,
        "| | exchanges a second | p50, p99 then | p50, p99 at half of it | processor, server | of it the database server | exchanges per second of processor | resident |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|"
    )?;
    for measured in figures.sandbox.iter().chain(&figures.keycloak) {
        row(&mut page, measured)?;
    }
    if let (Some(first), Some(keycloak)) = (figures.sandbox.first(), &figures.keycloak) {
        let times = first.per_second_of_processor() / keycloak.per_second_of_processor();
        writeln!(
            page,
            "\nWith SQLite, a second of processor brings **{times:.1} times** as many exchanges as Keycloak's (goal: 4). \
             Keycloak (its development mode and own database, ES256, after {} seconds of use) takes one of its own tokens \
             for another in the clear: no challenge, no card, no certificate, no proof.",
            crate::keycloak::WARM_UP.as_secs()
        )?;
    } else {
        writeln!(page, "\nKeycloak was not measured in this run.")?;
    }
    writeln!(
        page,
        "\n## Where the server's time goes\n\nSamples of its stacks, SQLite, one process.\n"
    )?;
    writeln!(page, "| | share |\n|---|---:|")?;
    let all: u64 = figures.shares.values().sum();
    let mut shares: Vec<_> = figures.shares.iter().collect();
    shares.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (kind, count) in shares {
        writeln!(page, "| {kind} | {} % |", count * 100 / all.max(1))?;
    }
    writeln!(page, "\n## What earlier exchanges cost\n")?;
    writeln!(
        page,
        "| | used challenges before | processor per exchange | against the fewest |\n|---|---:|---:|---:|"
    )?;
    let mut fewest = f64::NAN;
    let mut place = "";
    for grown in &figures.grown {
        if grown.place != place {
            (place, fewest) = (grown.place, grown.cost);
        }
        writeln!(
            page,
            "| {} | {} | {:.2} ms | {:+.0} % |",
            grown.place,
            grown.used,
            grown.cost * 1000.0,
            (grown.cost / fewest - 1.0) * 100.0
        )?;
    }
    writeln!(page, "\n## What PostgreSQL keeps\n")?;
    writeln!(page, "Bytes for each exchange, with indexes.\n\n| | bytes |\n|---|---:|")?;
    for (table, bytes) in &figures.kept {
        writeln!(page, "| `{table}` | {bytes:.0} |")?;
    }
    Ok(page)
}

fn row(page: &mut String, measured: &Measured) -> Result<()> {
    let half = measured.half.as_ref();
    let then = |percent| half.map_or(f64::NAN, |volley| volley.percentile(percent));
    #[expect(clippy::cast_precision_loss, reason = "some hundred million")]
    let resident = measured.resident as f64 / 1e6;
    writeln!(
        page,
        "| {} | {:.0} | {:.1}, {:.1} ms | {:.1}, {:.1} ms | {:.2} ms | {:.2} ms | {:.0} | {resident:.0} MB |",
        measured.name,
        measured.most.rate(),
        measured.most.percentile(50),
        measured.most.percentile(99),
        then(50),
        then(99),
        (measured.server + measured.database) * 1000.0,
        measured.database * 1000.0,
        measured.per_second_of_processor(),
    )?;
    Ok(())
}
