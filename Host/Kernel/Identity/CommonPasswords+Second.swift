extension CommonPasswords {
    static let secondHalf = #"""
        itsasecret ivanov ivanova iverson iwantu j3qq4h7h2v jabroni jackal jackass jackdaniels jackoff jackson1
        jacob1 jaguar jamaica james1 jamesbon jamesbond jamesbond007 jammer jarhead jasmine jasmine1 jasmine123
        jason1 jasper java jayhawk jazzman jedi jediknight jedimaster jeep jenny1 jericho jerkoff jessejames jessica1
        jester jesus1 jesuschris jesuschrist jesusislord jesussaves jetbalance jethro jigei743ks jimandanne jimbo
        jimbob jimmy1 jlbyjxtcndj johannes john316 joker jokers jordan jordan1 jordan23 jrcfyf juancarlos juggalo
        juggernaut juice jumper junebug jungle junior jupiter justdoit justforfun justice justin1 justinbiebe
        justinbieber justme juventus jxfhjdfirf k123456789 kahuna kaktus kalifornia kamehameha kamelia2011 kamikaze
        kangaroo kanmax1994 kansas karate karina karolina kasper katana katerina katie1 katrin kawasaki kbnthfnehf
        kcj9wx5n kd189nlcih keeper kelly1 kenshin kenwood kenworth kevin1 keyboard keystone keywest kickass kicker
        killbill killer killer1 killme kingfish kingfisher kingkong kingpin kingston kinky kipper kirill kisses
        kissme kitkat kitten kitty kitty1 kittycat klapaucius klaster klingon knickerless knicks knights knopka
        kobebryant kodiak kolobok konstantin korn koshka kostya kotenok kravchenko krishna ktyjxrf kudos4ever kume
        kungfu kurtcobain kwiatuszek labrador labtec lacrosse ladybug ladyffesta laguna lakers lamborghini lamborgini
        lancelot lancer lansing laptop larisa lasvegas latino leather leavemealone ledzep ledzeppelin left4dead2
        legacy legend legion legolas lennon leopard lesbian lesbians lespaul lestat letmein letmein1 letmein2
        letmeinnow letsgo lexmark lfplhfgthvf lhbjkjubz2957704 liberty lick licker lickit lickme lifehack lifeisgood
        lightnin lights lightsaber limpbizkit lineage2 linkinpark lion lionking liquid littlebear littlebitch
        littlefuck littlegirl littleminge littlewhore liverpoo liverpool liverpool1 liverpoolfc livestrong lizard
        lkjhgfdsaz lkjhgfdsazx lobster lockerroom logitech lol123 lolipop lollipop lollol lololyo123 london lonestar
        lonewolf longhorn looker looser loploprock losangeles loser lost4815162342 lotrfotr34 love love123 love69
        loveforever loveislife loveit lovely loveme lover loverboy lovers loveyou lovezp1314 lowrider lp2568cskt
        lsia9dnb9y luansantana lucifer lucifer666 lucky lucky1 lucky13 lucky7 luckycharm luckydog luojianhua lvbnhbq
        lytghjgtnhjdcr lzhan16889 m123456789 m6cjy69u35 ma123123123 macdaddy machine macross madagaskar maddie maddog
        madison madison1 madman madmax madness madonna maestro maggie magic magic1 magical123 magick magicman magnum
        magnus maiden mailcreated5240 mailman majestic makaveli maksim malaka malibu malina mallard mamapapa manchest
        manchester manchester1 mandarinka mandingo mandragora mangust6403 maniac manson manutd mapet123456 mapleleafs
        maprchem56458 maradona marathon marina marine mariners marines marino marino13 markhegarty marlboro marley
        martini maryjane mashamasha massimiliano massive master master1 masterbaiting masterbate masterbating
        mastercard masterchief mastermind masturbation matador matchbox20 matematica matematika matrix matthew1
        mattylad10 mature maurolarastefy maverick maxell maxima maximilian maximus maxmotives maxwell maxx mayday
        mayhem meatball meatloaf mechanic megadeth megaman megapass melissa1 mellon memorex memphis mercedes mercury
        meridian merlin mersedes metallic metallica metallica1 mevefalkcakk mexico miami michael1 michael123
        michaeljackson michigan mickey mickeymouse microlab microphone microsof microsoft midget midnight mighty
        mikey milana milano milena milfhunter millerlite millertime minecraft minecraft123 minhasenha minicooper
        minime minnesota_hp mirage misfit mister mistress mnbvcxz mojo molly1 moloko molson momoney momsanaladventure
        monaco monday mondeo money money1 moneymaker moneyman moneys mongoose monitor monkey monkey1 monkeybutt
        monkeys monopoly monster montana montecarlo montgom240 montreal moocow mookie moomoo moose moose1
        morganstanley morpheus mortalkombat moscow mostwanted motdepasse mother motherfuck motherlode motorola
        mountain mouse mozart msorcloledbr muffin mulder multiplelo multiplelog munchkin muppet murcielago muscle
        mushroom music1 musica musiclover musicman mustang mustang1 mustangs mybaby mylove mypass mypassword mystic
        naked napass naruto nascar nasty nastya nastya1995 nastya1996 nastya2010 natali natasha natasha123 naughty
        naughtyboy ncc1701 ncc1701a ncc1701d ncc1701e nccpl25282 ne1469 nebraska necromancer need4speed needforspeed
        nemesis nemvxyheqdd5oqxyxyzi neptune networkingpe nevada neveragain nevergiveup neverwinter newcastl newlife
        neworleans newpass newpassword newport newproject2004 newyork newzealand nfnmzyf nhecsyfujkjdt nhfdvfnjkju123
        nhfrnjhbcn nhfycajhvths nicola nicole1 nigger nightcrawler nightshade nike nikita nikita1998 nikita2000
        nikola nikolaevna nimrod niners ninja nintendo nintendo64 nipper nipple nipples nirvana nissan nissan350z
        nofear nokia nokia6230i nokiadermo nolimit nondriversig noodle noodles nookie nopass nopassword nthvbyfnjh
        nuaddn9561 nudist nugget number1 nuttertools nwo4life nyjets nylons nymets oakland obiwan oblivion oc247ngucz
        ohyeah oicu812 oilers oksana olcrackmaster oldman oldsmobile oleg olegnaruto oliver olivier omega omega1
        omgkremidia onelove onetwothree online onlyme ontheoutside ontherocks opensesame openup operator oracle
        orange oranges orgasm orioles orion orochimaru oscar1 osiris ou812 outlaw overlord oxford p0015123
        p030710p$e4o p0o9i8u7y6 pa55w0rd pa55word packard packer packers packers1 pacman painkiller paintball1
        pakistan paladin panama panasoni panasonic pancho panda pandemonium pandora pantera panther panthers panties
        pantyhos panzer paradise paradox paraklast1974 parola parolparol parrot pascal pass pass123 pass1234 passat
        passion passmaster passme passport passw0rd passwor passwor1 password password00 password01 password1
        password10 password11 password12 password123 password1234 password13 password21 password22 password23
        password69 password99 passwords passwordstandard passwort patches pathfinder patrick1 patriot patriots
        pavilion peaches peanut peanutbutter peanuts pearljam pebbles peekaboo peewee pegasus pencil penetrating
        penetration penguin penguins penis penthous pentium pepper pepper1 pepsi pepsi1 pervert peter1 peternorth
        peterpan peugeot peugeot406 pfhfnecnhf phantom phezc419hv philips phillies philly phoenix phoenix1 photos
        phpbb picard picasso piccolo pickle pickles pics piglet pikachu pillow pimp pimpin pineappl pineapple1 ping
        pingpong pink pinkfloy pioneer pippen pirate pirates pisces pistol pitbull pizza planet plastic platinum
        playboy player playstation playstation2 playstation3 playtime plumber plymouth poison poiuyt poiuytrewq
        pokemon pokemon1 pokemon123 polaris police polina polniypizdec0211 polniypizdec110211 polo polopolo09 polska
        pompey poncho pontiac poodle pooh poohbear pookie poontang poop pooper poopie poopoo pooter popcorn popeye
        poppy porkchop porn porno pornografia pornographic pornos pornstar porsche porsche9 porsche911 portishead
        portland portugal poseidon possum postal postov1000 potato powder power1 precious predator prelude
        premiumcash presario presto prettygirl primetime21 primus prince princes princess printer prisonbreak private
        privet prodigy psychnaut1 psycho ptybnxtvgbjy puertorico pufunga7782 pumpkin punisher punkin punkrock
        punksnotdead puppies puppy pupsik purple pussie pussies pussy pussy1 pussy69 pussybitch pussycat pussyeater
        pussylicker pussylover pussys putter pyramid python q12345 q123456 q123456789 q1234567890 q1q2q3q4q5 q1w2e3
        q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q1w2e3r4t5y6u7 q1w2e3r4t5y6u7i8 q1w2e3r4t5y6u7i8o9p0 qawsed qawsedrf
        qawsedrftg qawsedrftgyh qaz123 qaz123wsx456 qazqaz qazwsx qazwsx12 qazwsx123 qazwsx1234 qazwsx12345 qazwsxed
        qazwsxedc qazwsxedc1 qazwsxedc12 qazwsxedc123 qazwsxedcrfv qazwsxedcrfvtgb qazxsw qazxswedc qazxswedc123
        qazxswedcvfr qpwoeiruty qq123456789 qqq111 quant4307s quantum quattro queenas8151 quicksilver quiksilver
        qwaszx qwaszxerdfcv qwe123 qwe1234567 qweasd qweasdzxc qweasdzxc1 qweasdzxc123 qweqwe qwer123 qwer1234
        qwerasdf qwerasdfzxcv qwert qwert1 qwert123 qwert12345 qwert54321 qwertasdfg qwertasdfgzxcvb qwertgfdsa
        qwerttrewq qwerty qwerty1 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty123456789 qwerty2010
        qwertyasdfgh qwertyu qwertyu123 qwertyui qwertyuio qwertyuiop qwertyuiop1 qwertyuiop10 qwertyuiop12
        qwertyuiop123 qwertyuiop12345 qwertyytrewq qwertz qwertzuiop r2d2c3po r3vi3wpass rabbit racecar racerx racing
        ragnarok raider raiders raiders1 rainbow raistlin rambler rammstein rammstein1 ramses random ranger ranger1
        rangerover rangers rangers1 raptor rascal rasdzv3 rasputin rastaman raven raven1 ravens razz rbhbkk rctybz
        realmadrid reanimator reaper rebel rebels red123 redalert redbull reddog redhead redhot redman redneck redrum
        redskins redsox redwings reebok renault renegade rereirf rescue residentevil respublika retard reviewpass
        rfcgthcrbq rfgecnfcerf rfhbyf rfhfrfnbwf rfhfvtkmrf rfkmrekznjh rfnfcnhjaf rfnfgekmnf rfnthbyf rfnthbyf1988
        rfrfirf rfrnec rhbcnbyf rhbcnbyjxrf rhfcyjzhcr rhfvfnjhcr richard1 rightnow ripper riverplate rjhjkmbien
        rjirfrgbde rjntyjr rjycnbnewbz rjycnfynby rkfdbfnehf roadkill roadrunner robert1 robotech rockbottom rocker
        rocket rockets rockhard rockhopper rockon rocks rockstar rocky1 roflcopter roller rolltide romashka rommel
        ronaldinho ronaldo rookie rooster rootbeer rosebud rotten route66 rovers royals rubber rulez runescape1
        runner rush2112 ruslan russia rustam rusty1 s123456789 s456123789 sabbath sabine sabres sadie1 safari
        sailboat sailing sailor sailormoon saints sakura salamander salamandra salmon samantha samiam sammy1 samson
        samsung samsung1 samsung123 samurai sanandreas sandiego sandman sandro sandy1 sanfrancisco sapphire
        saqartvelo sarah1 saratoga sasha1 sasha12345 sassy sasuke satan satan666 sataniv1993 saturn saun saun24865709
        sausage sayang scania scarface scarlet schoolgirlie scooby scoobydo scooter scooter1 scorpio scorpion scotch
        scotland scotty scoubidou2 scoubidou6 scrappy scream scruffy scully seamus seattle sebastia sebastian1 secret
        secret1 security seeker seemnemaailm seinfeld select selfok2013 seminole semperfi sentinel septembe serega
        serendipity serenity sergei sergey sersolution server service321 sesame sevastopol seven7 sex123 sex4me
        sexmachine sexpistols sexsex sexual sexx sexxxx sexy sexygirl shado shadow shadow1 shadow1212 shaggy shalom
        shaman shamanking shamrock shaney14 shania shannon1 shaolin shark sharks sharky shasta shaved shazam shelby
        shemale sherlock shevchenko shiloh shithappens shithead shitty shogun shooter shorty shotgun showme showtime
        sidewinder siemens sierra silenthill silver simba simferopol simple simpleplan simpsons sinatra sinbad sinner
        sirius sithlord sixers skateboard skater skeeter skidoo skiing skinny skipper skippy skittles skorpion
        skorpion39 skydive skyline skywalke skywalker slacker slappy slapshot slave slayer sleepy slick slider
        slipknot slipknot666 slut sluts slutty smallville smegma smelly smiles smiley smitty smoke smoker smokey
        smokin smooth smudge smut snake snake1 snakes snapper snapple snatch sneakers snickers sniper snoopdog snoopy
        snowball snowboar snowman snuggles snusmumrik sobaka soccer soccer1 socrates softball software sojdlg123aljg
        soldier soleil solidsnake solnce something1 sommer sonic sonnenschein sony sonyericsson sooners sophie
        soso123aljg spam967888 spank spanking spankme spanky sparkle sparky sparta spartak spartak1922 spartan
        spartan117 spartans spawn speaker specialinsta spectrum speedy spider spiderma spiderman spiderman1
        spiderman3 spidey spike spirit spitfire splash splinter spooky spring sprint sprite spunky spurs spyder
        squirrel squirt srinivas stalingrad stalker stalker123 stallion star star69 starbuck starcraft stardust
        starfish stargate starship startrek starwars static statistika stealth steamforums steeler steelers stefano
        steph stephani stereo sterlin steve1 stickdaddy77 sticks sticky stimpy stinger stingray stinky stinkyfinger
        stocking stocks stomatolog stonecol stones storm stormy stranger stratocaster strawberry streetball strider
        strike striker stripper stud studioworks studly studmuffin stupid subaru sublime subway success suck sucker
        suckit suckme suckmycock suckmydick sucks sugar sultan summer summer1 summertime summit sundance sunday
        sundaypunch sunflowe sunnyday sunrise sunset sunshine super super1 super123 superduper superfly superman
        superman1 superman12 superman123 supermanboy supermario superpuper supersonic supersta superstar surf surfer
        surfing suzuki svetasveta svetik svetlana swallow sweetdream sweetpea sweetpussy sweets sweety swimmer
        swimming swinger swingers sword swordfis swordfish sydney syncmaster syracuse systemofadown t34vfrc1991
        table54781 tacobell tacoma tadmichaels tamwsn3sja tanker tardis target tarheel tarheels tarzan tattoo tatyana
        taurus taylor1 tazman tazmania tdfyutkbjy tdutybq teacher technics techno teen teens tekken telecaster
        telefon temp tempest temppassword tennis tequila terminator terror test test1 test123 test1234 tester testing
        testing123 texas1 thailand thanatos thankyou thebeatles theboss thecakeisalie thecat thegame thekid theking
        theman theone therock thesims thomas1 thor throatfuck thuglife thugstools thumper thunder thunder1
        thunderbird thx1138 ticketmaster tickle tiger tiger1 tigers tigerwoods tigger timber timberland timberwolf
        tinker tinkerbell tinman tintin titanic titanium titans titleist tits titties tokiohotel tolkien tomato
        tombraider tomcat tommy1 tommyboy tootsie topcat topdog topgun topher topper tornado toronto toshiba tottenha
        toyota tractor trader trance transam transexual translator travel treasure trebor trfnthbyf tricky trident
        trigger trinity triton triumph trixie trojan trojans trombone trooper trouble truck trucker trucks truelove
        trumpet trunks trustno1 trustnoone tsunami tuesday tunafish tundra tupacshakur turbo turbo1 turkey turkey50
        turtle tweety twilight twisted twister tyler1 typhoon ublhjgjybrf ufhhbgjnnth ujkjdjkjvrf ultima ultimate
        umbrella uncencored underdog undertaker unforgiven unicorn unreal usa123 usmc usnavy usuckballz1 utopia
        v123456789 vacation vader vaffanculo vagina valentin valentina valera valhalla vampire vanhalen vanilla
        vanyarespekt vbhjndjhtw vector vectra vegeta velvet venom121293 verbatim veritas vermont veronika vertigo
        verygoodbot vette vfczyz vfhbyf vfhbyfvfhbyf vfhecz vfhufhbnf vfhufhbnrf vfhvtkflrf vfksirf vflfufcrfh
        vfntvfnbrf vfrcbv vfrcbvrf vfrcbvvfrcbv vfvekz vfvfgfgf123 vfvfvskfhfve vfvjxrf vfylfhbyrf vh5150 viagra
        victory viewsonic viking vikings viktor viktoria viper viper1 vipers virgin virtuagirl vision vitalik
        vkontakte vladik vladimir vladimirovna vladislav vladislava volkswagen volley voodoo vortex voyager voyeur
        vqsablpzla vsjasnel12 vulcan vyjujnjxbt w2dlww3v5p wachtwoord walkman555 walleye wallstreet walnut walrus
        wanker wapbbs warcraft warhammer warhammer40k warlock warlord warrior warriors wassup watcher waterloo
        watermelon wazzkaprivet wcrfxtvgbjy weasel webhompass webmaster websolutions websolutionssu webuivalidat weed
        weezer weihnachte weihnachten weihnachtsbau weihnachtsbaum welcome welcome1 welcome123 wenef45313 werewolf
        westham westside westwood wethepeople wetpussy whatever whatthefuck whatthehell wheels whiskey whisper
        whitepower whitesox whitey whocares whore whosyourdaddy whynot wibble wicked wildcat wildcats wildfire
        william1 willow windows winner winnipeg261 winston winter wisdom wishmaster wizard wolf359 wolfgang wolfie
        wolfman wolfpack wolverin wolverine wolves wombat wonderwall wonderwoman woody woody1 woofwoof wookie
        wordpass wrangler wrestlin wrestling1 wrinkle1 writerspace wutang xanadu xavier xbox360 xfiles xiaoyua123
        xpressmusic xtreme xxxp455w0rd5 yamaha yankee yankees yankees1 yanshi1982 ybrbnf ybrjkfq ybrjkftdbx
        ybrjkftdyf yellow yfcnzyfcnz yfnfif yfnfitymrf yjdsqgfhjkm yomama yosemite yourmom yousuck ytrewq yzerman
        z123456789 z1x2c3 z1x2c3v4b5 z1x2c3v4b5n6m7 zaphod zaq123 zaq12wsx zaq1xsw2 zaq1xsw2cde3 zaqwsx zaqwsxcderfv
        zaqxsw zaratustra zcfvfzkexifz zcxfcnkbdf zcxfcnkbdfz zenith zeppelin zidane zipper zjses9evpa zombie zorro
        zqjphsyf6ctifgu zvezda zx123456789 zxc123 zxcasd zxcasdqwe zxcasdqwe123 zxcv1234 zxcvb12345 zxcvbasdfg zxcvbn
        zxcvbn123456 zxcvbnm zxcvbnm1 zxcvbnm123 zxcvbnm123456789
        """#
}
