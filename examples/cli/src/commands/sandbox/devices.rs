//! `kaigotap sandbox activate` and `kaigotap sandbox devices`

use std::fs;

use kaigotap_sandbox::{DeviceBook, DeviceRecord, Failure};
use qrcode::QrCode;
use qrcode::render::{svg, unicode};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::arguments::{Kept, SandboxActivate, SandboxDevices};
use crate::report::{Report, Stop};

/// A code for one device, as text and to be scanned.
pub(super) fn activate(command: &SandboxActivate, report: Report) -> Result<(), Stop> {
    let (runtime, book) = open(&command.store)?;
    let code = runtime.block_on(book.activate(&command.facility, &command.label));
    let code = code.map_err(failed)?;
    // A code is short enough for any.
    let drawn = QrCode::new(&code.code).map_err(|error| {
        Stop::input("code_undrawable", error.to_string(), "Use the code as it is written.")
    })?;
    if let Some(file) = &command.svg {
        let image = drawn.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        fs::write(file, image).map_err(|error| {
            Stop::input("file_unwritable", error.to_string(), "Choose another file for --svg.")
        })?;
    }
    // Light on a dark terminal, as most are; cameras read it either way.
    let (light, dark) = (unicode::Dense1x2::Light, unicode::Dense1x2::Dark);
    let text = drawn.render().dark_color(light).light_color(dark).build();
    for line in text.lines() {
        report.line(line);
    }
    report.line(&code.code);
    report.line(report.text(
        "For one device, once, within 15 minutes. Whoever has it can enrol a device.",
        "1台に1回、15分以内に使えます。このコードを持つ人は端末を登録できます。",
    ));
    report.object(&json!({ "code": code.code, "expires_in": code.lifetime.as_secs() }));
    Ok(())
}

pub(super) fn run(command: &SandboxDevices, report: Report) -> Result<(), Stop> {
    match command {
        SandboxDevices::List { store } => {
            let (runtime, book) = open(store)?;
            let devices = runtime.block_on(book.list()).map_err(failed)?;
            for device in &devices {
                report.line(line(device, report));
            }
            let devices: Vec<_> = devices.iter().map(object).collect();
            report.object(&json!({ "devices": devices }));
        }
        SandboxDevices::Kill { device, store } => {
            let (runtime, book) = open(store)?;
            runtime.block_on(book.kill(device)).map_err(failed)?;
            report.line(report.text(
                "Whatever it has is refused from now on.",
                "この端末の資格情報はすべて無効になりました。",
            ));
            report.object(&json!({ "killed": device }));
        }
    }
    Ok(())
}

fn open(store: &Kept) -> Result<(Runtime, DeviceBook), Stop> {
    let runtime = super::runtime()?;
    let book = runtime.block_on(DeviceBook::open(&super::kept(store)?)).map_err(|error| {
        Stop::input(error.code(), error.to_string(), "Give the database of a sandbox.")
    })?;
    Ok((runtime, book))
}

fn line(device: &DeviceRecord, report: Report) -> String {
    let DeviceRecord { device_id, facility_id, label, enrolled_at, killed_at } = device;
    let killed = report.text("killed", "無効");
    let killed = killed_at.map(|at| format!(" {killed} {at}")).unwrap_or_default();
    format!("{device_id} {facility_id} {enrolled_at} {label}{killed}")
}

fn object(device: &DeviceRecord) -> serde_json::Value {
    json!({
        "device_id": device.device_id, "facility_id": device.facility_id, "label": device.label,
        "enrolled_at": device.enrolled_at, "killed_at": device.killed_at,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(failure: Failure) -> Stop {
    let code = match failure {
        Failure::Device => "device_unknown",
        _ => "database_unavailable",
    };
    Stop::input(code, failure.to_string(), "See `kaigotap sandbox devices list`.")
}
