//! Any sequence of what two nurses on one device do without a network and with one, and of what happens to the device,
//! against a plain model of what each of them was told.
//!
//! The same sequences are tried each time. `KAIGOTAP_OFFLINE_CASES` is how many, and `PROPTEST_RNG_SEED` a number from which
//! others are made.

mod device;
mod steps;

use std::cell::RefCell;
use std::env;

use device::{Model, Supply};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use steps::{Done, steps};

/// How many sequences are tried where nobody says otherwise.
const CASES: u32 = 32;

#[test]
fn whatever_two_nurses_do_on_one_device_each_visit_has_one_confirmation() {
    let cases = env::var("KAIGOTAP_OFFLINE_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    let world = Supply::world();
    let supply = RefCell::new(Supply::new(&world));
    let done = RefCell::new(Done::default());
    let rng_seed = match Config::default().rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        given @ RngSeed::Fixed(_) => given,
    };
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        rng_seed,
        ..Config::default()
    };
    let tried = TestRunner::new(config).run(&steps(), |steps| {
        let mut supply = supply.borrow_mut();
        let mut model = Model::new(&mut supply);
        for step in steps {
            let cut = model.step(&step);
            done.borrow_mut().count(&step, cut);
        }
        model.last_sending();
        done.borrow_mut().end(&model);
        Ok(())
    });
    if let Err(why) = tried {
        panic!("{why}");
    }
    println!("{}", done.borrow());
}
