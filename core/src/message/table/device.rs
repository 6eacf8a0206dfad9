//! This device: its clock, its store, its key.

/// These rows, behind those before them.
macro_rules! device {
    ($next:ident $($then:ident)* => $($before:tt)*) => { $next! { $($then)* => $($before)*

    DeviceClockInvalid "device_clock_invalid" Device None Support
        "The clock of this device that nobody sets went backwards."
        "Tell your software's support."
        "この端末の内部時計が逆に進みました。"
        "ソフトのサポートに連絡してください。";
    StoreFull "store_full" Device Same Nobody
        "This device has no room left, so nothing could be kept. What was kept before is still there."
        "Make room on the device and try again."
        "端末の空き容量がなく、保存できませんでした。保存済みの内容は残っています。"
        "端末の空き容量を増やして、もう一度お試しください。";
    StoreDenied "store_denied" Device Same Support
        "This device does not allow the software to keep anything."
        "Unlock the device and try again; if it happens again, tell your software's support."
        "端末がこのソフトに保存を許可していません。"
        "端末のロックを解除して、もう一度お試しください。繰り返す場合はソフトのサポートに連絡してください。";
    StoreMissing "store_missing" Device None Support
        "The place where the software keeps what must not be lost is not there."
        "Tell your software's support."
        "ソフトが情報を保存する場所がありません。"
        "ソフトのサポートに連絡してください。";
    StoreFailed "store_failed" Device Same Support
        "This device could not keep or bring back what must not be lost."
        "Try again; if it happens again, tell your software's support."
        "端末で情報の保存または読み出しができませんでした。"
        "もう一度お試しください。繰り返す場合はソフトのサポートに連絡してください。";
    NoBrowser "no_browser" Device None DeviceManager
        "There is no browser on this device in which to sign in."
        "Have a browser installed or allowed by whoever manages your devices."
        "この端末には、ログインに使えるブラウザーがありません。"
        "端末の管理者に、ブラウザーを使えるようにするよう依頼してください。";
    BrowserFailed "browser_failed" Device Same Support
        "The browser did not come back from the sign-in as it should."
        "Begin to sign in again; if it happens again, tell your software's support."
        "ブラウザーがログインから正しく戻りませんでした。"
        "もう一度ログインを始めてください。繰り返す場合はソフトのサポートに連絡してください。";
    DeviceKeyGone "device_key_gone" Device None DeviceManager
        "This device no longer has the key with which it was enrolled."
        "Have the device enrolled anew by whoever manages your devices."
        "この端末の登録に使われた鍵がなくなっています。"
        "端末の管理者に、端末の再登録を依頼してください。";
    DeviceKeyLocked "device_key_locked" Device Same Nobody
        "The device is locked, so its key cannot be used."
        "Unlock the device and try again."
        "端末がロックされているため、端末の鍵を使えません。"
        "端末のロックを解除して、もう一度お試しください。";
    DeviceKeyRefused "device_key_refused" Device Same Nobody
        "The use of the device's key was not allowed."
        "Try again and allow it with your face, your finger or the device's code."
        "端末の鍵の使用が許可されませんでした。"
        "もう一度試し、顔・指紋・端末のパスコードで許可してください。";
    DeviceKeyFailed "device_key_failed" Device Same Support
        "The device's key could not be used."
        "Restart the device and try again; if it happens again, tell your software's support."
        "端末の鍵を使えませんでした。"
        "端末を再起動して、もう一度お試しください。繰り返す場合はソフトのサポートに連絡してください。";
    JournalDamaged "journal_damaged" Device None Support
        "Something that this device kept cannot be read: it was damaged or changed."
        "Confirm that visit anew, and tell your software's support."
        "この端末に保存した記録が壊れているか、書き換えられていて、読めません。"
        "その訪問の本人確認をあらためて行い、ソフトのサポートに連絡してください。";
    JournalForeign "journal_foreign" Device None DeviceManager
        "Something on this device was kept by another device, for another facility or with another key. It is not sent."
        "Tell whoever manages your devices."
        "この端末に、別の端末・別の事業所・別の鍵で保存された記録があります。送信しません。"
        "端末の管理者に連絡してください。";
    JournalRolledBack "journal_rolled_back" Device None DeviceManager
        "An older copy of what this device kept was put back. Visits since then may be missing."
        "Compare the visits of the last days with your notes, and tell whoever manages your devices."
        "この端末の保存内容が古いものに戻されています。その後の訪問の記録が失われた可能性があります。"
        "最近の訪問を手元の記録と照らし合わせ、端末の管理者に連絡してください。";
    JournalEntryMissing "journal_entry_missing" Device None Support
        "A visit that waited to be sent is no longer on this device."
        "Confirm that visit anew, and tell your software's support."
        "送信待ちだった訪問の記録が、この端末からなくなっています。"
        "その訪問の本人確認をあらためて行い、ソフトのサポートに連絡してください。";
    TicketMissing "ticket_missing" Device None Nobody
        "No ticket for a visit without coverage is left on this device."
        "Go where there is coverage, or note the visit on paper."
        "圏外で使う持ち出しが、この端末に残っていません。"
        "電波の届く場所へ移動するか、訪問を紙に記録してください。";
    ShiftLocked "shift_locked" Device Same Nobody
        "This device is locked."
        "Unlock it with the code that was chosen at the beginning of the shift, and try again."
        "この端末はロックされています。"
        "勤務の始めに決めたコードでロックを解除して、もう一度お試しください。";
    UnlockWrong "unlock_wrong" Device Same Nobody
        "The code was wrong; {tries} are left before the sign-in and the tickets on this device are erased."
        "Enter again the code that was chosen at the beginning of the shift."
        "コードが違います。あと{tries}間違えると、この端末のログインと持ち出しが消去されます。"
        "勤務の始めに決めたコードを、もう一度入力してください。";
    UnlockWiped "unlock_wiped" Device None Nobody
        "The code was wrong too often: the sign-in and the tickets on this device were erased. What waits to be sent is still there."
        "Sign in anew where there is coverage."
        "コードの間違いが続いたため、この端末のログインと持ち出しを消去しました。送信待ちの記録は残っています。"
        "電波の届く場所でログインしてください。";

    } };
}
pub(super) use device;
