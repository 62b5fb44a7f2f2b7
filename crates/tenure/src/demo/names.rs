//! Made-up names in twelve languages and eight scripts. Who is written otherwise in an address has it after `=`.

/// The names of one language.
pub(super) struct Language {
    given: &'static str,
    family: &'static str,
    /// Between the two names.
    gap: &'static str,
    family_first: bool,
}

const fn western(given: &'static str, family: &'static str) -> Language {
    Language { given, family, gap: " ", family_first: false }
}

const LANGUAGES: [Language; 12] = [
    western(
        "Amelia Oliver Isla Harry Freya Arthur Poppy Leo Elsie Edward Rosie Finley Maeve Callum Imogen Rory",
        "Ashworth Blackwood Carmichael Davenport Ellsworth Fairbairn Greenhalgh Holloway Ingleby Kettering Lockhart Merriweather Pemberton Radcliffe Thistlewood Whitcombe",
    ),
    western(
        "Anneliese Björn Charlotte Dietrich Elfriede Florian Grete Heiko Ilse Jürgen Käthe Lorenz Mathilde Norbert Swantje Ulf",
        "Ackermann Böttcher Dorfmüller Eichhorn Fährmann Grünwald Hasselbach Jägermeyer Kühnert Lindenthal Mühlbauer Oberländer Pfeiffer Rößler Steinmetz Zöllner",
    ),
    western(
        "Aurélie Baptiste Céline Didier Éloïse Fabrice Geneviève Hervé Inès Jérôme Léa Mathieu Noémie Océane Rémi Zoé",
        "Beauchamp Charpentier Deschênes Fontaine Gauthier Lévêque Marchand Péroz Quillan Rivière Sauvageot Thévenot Vaillant Bréhier Castel d'Orsay",
    ),
    western(
        "Adrián Begoña César Dolores Íñigo Jimena Lucía Martín Núria Óscar Pilar Raúl Sofía Tomasa Úrsula Xavier",
        "Aguirre Bermúdez Castañeda Domínguez Escribano Figueroa Gálvez Ibáñez Jiménez Lozano Muñoz Ordóñez Peñalver Quiñones Serrano Zúñiga",
    ),
    western(
        "Agnieszka Bogdan Celina Dariusz Elżbieta Grażyna Halina Jędrzej Kacper Łucja Małgorzata Paweł Sławomir Wiesława Zbigniew Żaneta",
        "Adamczyk Błaszczyk Ciesielski Dąbrowski Gajewska Jabłoński Kołodziej Lewandowska Mroczek Niedźwiecki Ostrowska Piątek Rączka Święcicki Wójtowicz Żurawska",
    ),
    western(
        "Ayşe Barış Cemil Çiğdem Deniz Emre Gülşen Hüseyin İpek Kerem Lale Mehmet Nazlı Özge Şebnem Yiğit",
        "Aydın Bozkurt Çelik Demirtaş Erdoğmuş Güneş Işık Karaca Öztürk Polat Sarıkaya Şahin Toprak Uğurlu Yıldırım Zeytinci",
    ),
    western(
        "Astrid Bjørn Dagny Eirik Frøydis Gaute Hildegunn Åsmund Kåre Liv Magnhild Nils Øyvind Ragnhild Sigrun Torbjørn",
        "Aasen Bjørnstad Dalseth Engebretsen Fjellheim Grønvold Haugland Iversen Kvamme Lødemel Myklebust Nordgård Øverland Rønning Skjærvik Tveit",
    ),
    western(
        "Αλέξανδρος=alexandros Βασιλική=vasiliki Γεώργιος=georgios Δέσποινα=despina Ελένη=eleni Θεόδωρος=theodoros Ιωάννα=ioanna Κωνσταντίνος=konstantinos Μαρία=maria Νικόλαος=nikolaos Σοφία=sofia Χρήστος=christos",
        "Αγγελόπουλος=angelopoulos Βλάχου=vlachou Γιαννακόπουλος=giannakopoulos Δημητρίου=dimitriou Ζαχαρίου=zachariou Καραγιάννης=karagiannis Λάμπρου=lamprou Μαυρίδης=mavridis Οικονόμου=oikonomou Παπαδάκη=papadaki Σταύρου=stavrou Φωτίου=fotiou",
    ),
    western(
        "أمينة=amina باسم=basim جميلة=jamila حسن=hassan خديجة=khadija رشيد=rashid زينب=zaynab سامي=sami عائشة=aisha فارس=faris ليلى=layla يوسف=yusuf",
        "الأنصاري=alansari البغدادي=albaghdadi التميمي=altamimi الجزائري=aljazairi الحلبي=alhalabi الخطيب=alkhatib الدمشقي=aldimashqi الزهراني=alzahrani السعدي=alsaadi الشامي=alshami القاسم=alqasim النجار=alnajjar",
    ),
    western(
        "अनन्या=ananya अर्जुन=arjun इशिता=ishita कविता=kavita गौरव=gaurav जया=jaya दिव्या=divya नीरज=neeraj प्रकाश=prakash मीरा=meera रोहन=rohan सुनीता=sunita",
        "अग्रवाल=agrawal कुलकर्णी=kulkarni गुप्ता=gupta चतुर्वेदी=chaturvedi जोशी=joshi तिवारी=tiwari द्विवेदी=dwivedi पाठक=pathak भट्ट=bhatt मिश्रा=mishra शर्मा=sharma सक्सेना=saxena",
    ),
    Language {
        given: "葵=aoi 大輔=daisuke 恵美=emi 文雄=fumio 花子=hanako 一郎=ichiro 純子=junko 健太=kenta 美咲=misaki 直樹=naoki 涼=ryo 翔太=shota",
        family: "青木=aoki 藤原=fujiwara 橋本=hashimoto 石川=ishikawa 神田=kanda 松田=matsuda 中島=nakajima 小川=ogawa 斎藤=saito 高橋=takahashi 上野=ueno 山口=yamaguchi",
        gap: "",
        family_first: true,
    },
    Language {
        given: "Ánh Bảo Chi Dũng Giang Hạnh Khánh Linh Minh Ngọc Phương Quân Sơn Thảo Tuấn Vy",
        family: "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý",
        gap: " ",
        family_first: true,
    },
];

/// A made-up person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// The name as they write it.
    pub(super) name: String,
    /// The part of an address before the @, unique by its number.
    pub(super) local: String,
}

/// The person of this number: always the same.
pub(super) fn made(number: u64) -> Made {
    // Each choice is mixed anew: remainders of one number and of its rotations are not independent.
    let pick = |from: usize, which: u64| {
        usize::try_from(mix(mix(number) ^ which) % u64::try_from(from).unwrap_or(1)).unwrap_or(0)
    };
    let language = &LANGUAGES[pick(LANGUAGES.len(), 0)];
    let word = |list: &'static str, by: u64| {
        let words = list.split(' ').count();
        let word = list.split(' ').nth(pick(words, by)).unwrap_or("Kim");
        word.split_once('=').map_or_else(|| (word, ascii(word)), |(shown, ascii)| (shown, ascii.to_owned()))
    };
    let ((given, given_ascii), (family, family_ascii)) = (word(language.given, 1), word(language.family, 2));
    let (first, second) = if language.family_first { (family, given) } else { (given, family) };
    Made {
        name: format!("{first}{}{second}", language.gap),
        local: format!("{given_ascii}.{family_ascii}.{number}"),
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014): enough to look mixed.
pub(super) const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A Latin name in the letters of an address.
fn ascii(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.nfd()
        .flat_map(char::to_lowercase)
        .filter_map(|letter| match letter {
            'ø' => Some('o'),
            'ł' => Some('l'),
            'đ' => Some('d'),
            'ı' => Some('i'),
            'æ' => Some('a'),
            'ß' => Some('s'),
            letter => letter.is_ascii_alphanumeric().then_some(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_always_the_same_person_and_addresses_differ() {
        assert_eq!(made(7), made(7));
        let made: Vec<Made> = (0..5_000).map(made).collect();
        let names: std::collections::BTreeSet<_> = made.iter().map(|made| &made.name).collect();
        assert!(names.len() > 1_500, "{} names", names.len());
        assert!(
            made.iter().all(|made| made.local.is_ascii()
                && !made.local.starts_with('.')
                && !made.local.contains(".."))
        );
    }

    #[test]
    fn every_language_and_script_turns_up() {
        let all: String = (0..3_000).map(|number| made(number).name).collect();
        for letter in ['Α', 'ا', 'अ', '葵', 'ễ', 'ş', 'ß', 'ø', 'ł'] {
            assert!(all.contains(letter), "{letter}");
        }
    }

    #[test]
    fn latin_names_become_addresses() {
        assert_eq!(ascii("Frøydis"), "froydis");
        assert_eq!(ascii("Żaneta"), "zaneta");
        assert_eq!(ascii("d'Orsay"), "dorsay");
    }
}
